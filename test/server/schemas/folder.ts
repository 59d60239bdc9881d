import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder of schemas for one test. */
export interface Folder extends Disposable {
  readonly path: string;
  write(name: string, content: unknown): void;
  remove(name: string): void;
}

/** @param files by their path below the folder; what is no text is written as JSON. */
export function schemaFolder(files: Readonly<Record<string, unknown>>): Folder {
  const path = mkdtempSync(join(tmpdir(), 'wsn-schemas-'));
  const write = (name: string, content: unknown): void => {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(
      join(path, name),
      typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content, null, 2),
    );
  };
  for (const [name, content] of Object.entries(files)) write(name, content);
  return { path, write, remove: (name) => rmSync(join(path, name)), [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}
