import { join } from 'node:path';
import { type ReadSchemas, readSchemas } from '../../server/schemas/read-schemas.js';
import { EXIT } from '../exit/exit-codes.js';
import { refuseFiles } from '../input/refuse-files.js';
import { escapeText } from '../terminal/escape-text.js';

/**
 * Says of each file of the folder whether it is a schema, and of which topic: `ok` lines on stdout, what is wrong on stderr.
 * @throws UsageError when any is bad.
 */
export async function checkSchemas(folder: string): Promise<number> {
  const { files, errors } = await readSchemas(folder);
  const bad = new Set(errors.map(({ path }) => path));
  for (const { path, topic } of files) {
    if (bad.has(path)) continue;
    const use = topic === undefined ? 'only for $ref' : `package ${JSON.stringify(topic.package)}, page ${JSON.stringify(topic.page)}`;
    process.stdout.write(`${escapeText(`ok  ${join(folder, path)}: ${use}`)}\n`);
  }
  refuseSchemas(folder, errors);
  return EXIT.ok;
}

/**
 * Tells what is wrong with the files, as paths that the user can open.
 * @throws UsageError when anything is.
 */
export function refuseSchemas(folder: string, errors: ReadSchemas['errors']): void {
  refuseFiles(
    errors.map((error) => {
      const path = join(folder, error.path);
      return { ...error, path, source: error.source && { ...error.source, path } };
    }),
  );
}
