import { writeFile } from 'node:fs/promises';
import { readSchemas } from '../../server/schemas/read-schemas.js';
import { EXIT } from '../exit/exit-codes.js';
import { UsageError } from '../exit/usage-error.js';
import type { TypesOptions } from '../schema.js';
import { refuseSchemas } from './check-schemas.js';
import { printTypes } from './print-types.js';

/**
 * Prints the types of the data of every topic, or writes them to a file.
 * @throws UsageError when a schema is bad or the file cannot be written.
 */
export async function writeTypes(folder: string, { out }: TypesOptions): Promise<number> {
  const { files, errors } = await readSchemas(folder);
  refuseSchemas(folder, errors);
  const text = printTypes(files);
  if (out === undefined || out === '-') process.stdout.write(text);
  else {
    await writeFile(out, text).catch((error: Error) => {
      throw new UsageError(`cannot write --out ${out}: ${error.message}`);
    });
  }
  return EXIT.ok;
}
