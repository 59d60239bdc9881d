// What a delivery costs: `npm run bench:fanout`, with --rounds N and --quick. It needs a build.
import { measureBystanders } from './fanout/bystanders.mjs';
import { measureDeliveries } from './fanout/deliveries.mjs';
import { measureStuckReaders } from './fanout/stuck-readers.mjs';
import { isQuick, roundsFrom } from './lib/rounds.mjs';

const argv = process.argv.slice(2);
const command = ['npm run bench:fanout', ...(argv.length > 0 ? ['--', ...argv] : [])].join(' ');
const how = { rounds: roundsFrom(argv), isQuick: isQuick(argv), command };

await measureDeliveries(how);
await measureBystanders(how);
await measureStuckReaders(how);
