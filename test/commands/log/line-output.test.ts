import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileLines } from '../../../src/commands/log/line-output.js';
import { temporaryFolder } from '../../server/log/log-folder.js';

test.skipIf(process.platform === 'win32')('makes a file that its owner alone can read', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'all.ndjson');
  const output = fileLines(path);
  output.line('{}');
  await output.end();
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});
