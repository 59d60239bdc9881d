// What a connection costs: `npm run bench:connections`, with --rounds N and --quick. It needs a build.
import { measureHandshakes } from './connections/handshakes.mjs';
import { measureMemory } from './connections/memory.mjs';
import { measureVanishing } from './connections/vanishing.mjs';
import { isQuick, roundsFrom } from './lib/rounds.mjs';

const argv = process.argv.slice(2);
const command = ['npm run bench:connections', ...(argv.length > 0 ? ['--', ...argv] : [])].join(' ');
const how = { rounds: roundsFrom(argv), isQuick: isQuick(argv), command };

await measureMemory(how);
await measureHandshakes(how);
await measureVanishing(how);
