import { stripVTControlCharacters } from 'node:util';

/** Writes a line for whoever started the example. What processes have said is made fit for a terminal. */
export function say(line) {
  process.stdout.write(`${stripVTControlCharacters(line).replace(/[^\P{Cc}\n]/gu, ' ')}\n`);
}
