import { EXIT } from '../exit/exit-codes.js';
import { fileSchema } from '../settings/file-shape.js';

/** Writes the JSON Schema of a file with settings to stdout. */
export function printSchema(): number {
  process.stdout.write(`${JSON.stringify(fileSchema(), null, 2)}\n`);
  return EXIT.ok;
}
