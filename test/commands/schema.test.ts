import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { schemaFolder } from '../server/schemas/folder.js';
import { runWsn } from '../support/wsn.js';

const MESSAGE = { type: 'object', required: ['messageId'], properties: { messageId: { type: 'string' } } };

describe('wsn schema check', () => {
  it('names every file and its topic, and exits with 0 (R-7.7)', async () => {
    using folder = schemaFolder({ 'schemas/p/messages.json': MESSAGE, 'schemas/p/a%1B%2Fb.json': {}, 'schemas/common.json': {} });
    const { code, stdout, stderr } = await runWsn(['schema', 'check', 'schemas'], { cwd: folder.path });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe(
      [
        'ok  schemas/common.json: only for $ref',
        'ok  schemas/p/a%1B%2Fb.json: package "p", page "a\\u001b/b"',
        'ok  schemas/p/messages.json: package "p", page "messages"',
        '',
      ].join('\n'),
    );
  });

  it('shows line and column of all that is wrong, and exits with 2 (R-7.7)', async () => {
    using folder = schemaFolder({
      'p/q.json': MESSAGE,
      'p/bad.json': '{\n  "typ": "\u009b2J",\n  "format": "datetime"\n}',
      'p/worse.json': '{"a',
    });
    const { code, stdout, stderr } = await runWsn(['schema', 'check', '.'], { cwd: folder.path });
    expect([code, stdout]).toEqual([2, 'ok  p/q.json: package "p", page "q"\n']);
    expect(stderr).toBe(
      [
        'p/worse.json:1:4: not JSON: expected the end of a string',
        '  1 | {"a',
        '    |    ^',
        'p/bad.json:2:3: found "typ", which is no keyword of JSON Schema 2020-12: did you mean "type"?',
        '  2 |   "typ": "\\u009b2J",',
        '    |   ^^^^^',
        'p/bad.json:3:13: found the format "datetime", which is not known: did you mean "date-time"?',
        '  3 |   "format": "datetime"',
        '    |             ^^^^^^^^^^',
        'wsn: 3 errors in 2 files: nothing was run',
        '',
      ].join('\n'),
    );
  });
});

describe('wsn schema types', () => {
  it('prints a module, or writes it to a file (R-7.7)', async () => {
    using folder = schemaFolder({ 'schemas/p/q.json': MESSAGE });
    const printed = await runWsn(['schema', 'types', 'schemas'], { cwd: folder.path });
    expect([printed.code, printed.stderr]).toEqual([0, '']);
    expect(printed.stdout).toContain('export type PQ = {\n  readonly "messageId": string;\n');
    const written = await runWsn(['schema', 'types', 'schemas', '--out', 'types.ts'], { cwd: folder.path });
    expect([written.code, written.stdout, written.stderr]).toEqual([0, '', '']);
    expect(readFileSync(join(folder.path, 'types.ts'), 'utf8')).toBe(printed.stdout);
    const refused = await runWsn(['schema', 'types', 'schemas', '--out', 'nowhere/types.ts'], { cwd: folder.path });
    expect([refused.code, refused.stderr.split('\n').length]).toEqual([2, 2]);
    expect(refused.stderr).toContain('wsn: cannot write --out nowhere/types.ts: ');
  });
});

describe('wsn schema try', () => {
  it.each([
    ['{"messageId":"1"}', 'q', 0, 'stdin fits\n', ''],
    ['{"messageId":1}', 'q', 4, '', 'wsn: /data/messageId: expected a string, found a number (p/q.json#/properties/messageId/type)\n'],
    ['{"messageId":1', 'q', 2, '', 'wsn: stdin:1:15: not JSON: expected "," or "}"\n'],
    ['{}', '../x', 2, '', 'wsn: schemas has no p/%2E.%2Fx.json: every data of this topic is let through\n'],
  ])('says of %s for the page %s whether it fits (R-7.7)', async (input, page, code, stdout, stderr) => {
    using folder = schemaFolder({ 'schemas/p/q.json': MESSAGE });
    const ended = await runWsn(['schema', 'try', 'schemas', '--package', 'p', '--page', page, '-'], { cwd: folder.path, input });
    expect(ended).toMatchObject({ code, stdout, stderr });
  });
});
