// What not losing anything costs: `npm run bench:recovery`, with --rounds N and --quick. It needs a build.
import { isQuick, roundsFrom } from './lib/rounds.mjs';
import { measureLog } from './recovery/log.mjs';
import { measureResume } from './recovery/resume.mjs';

const argv = process.argv.slice(2);
const command = ['npm run bench:recovery', ...(argv.length > 0 ? ['--', ...argv] : [])].join(' ');
const how = { rounds: roundsFrom(argv), isQuick: isQuick(argv), command };

await measureLog(how);
await measureResume(how);
