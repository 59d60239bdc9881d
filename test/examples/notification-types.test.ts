import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { runWsn } from '../support/wsn.js';

it('has the types that wsn makes of the schemas of the messaging example', async () => {
  const { stdout } = await runWsn(['schema', 'types', 'examples/messaging/schemas']);
  const file = 'examples/messaging/page/notifications.ts';
  const formatted = execFileSync('node_modules/.bin/biome', ['format', `--stdin-file-path=${file}`], {
    input: stdout,
    encoding: 'utf8',
  });
  expect(readFileSync(file, 'utf8')).toBe(formatted);
});
