import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that nobody else has. Disposal removes it with all that is in it. */
interface TemporaryFolder extends Disposable {
  readonly path: string;
}

/** Makes an empty folder below that of the system, for what a server keeps on disk. */
export function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), 'wsn-test-'));
  return {
    path,
    // What has just been killed may still hold a file, and some systems refuse to remove such a one.
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  };
}
