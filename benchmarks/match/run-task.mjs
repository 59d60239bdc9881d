/** Runs one task of `tasks.mjs` and prints its figures as JSON: `node --expose-gc run-task.mjs NAME PARAMETERS`. */
import { beside, compare, granted, hold, hostile, vanish } from './tasks.mjs';

const TASKS = { beside, compare, granted, hold, hostile, vanish };
const [name, parameters] = process.argv.slice(2);
process.stdout.write(JSON.stringify(TASKS[name](JSON.parse(parameters))));
