import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/commands/exit/usage-error.js';
import { describeProtocolError, positionAt, readInput } from '../../../src/commands/input/json-input.js';
import { decodePublications, type ProtocolError } from '../../../src/protocol/index.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wsn-input-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** The line that tells what is wrong with a notification in a file. */
function complaint(text: string): string {
  const bytes = Buffer.from(text);
  try {
    decodePublications({ bytes, text });
  } catch (error) {
    return describeProtocolError('n.json', { bytes }, error as ProtocolError);
  }
  return 'nothing';
}

describe('an input', () => {
  it('is its bytes and the same as text', async () => {
    const path = await file('a.json', '{"é":1}');
    await expect(readInput(path)).resolves.toMatchObject({ name: path, text: '{"é":1}', bytes: Buffer.from('{"é":1}') });
  });

  it('loses a byte order mark, which editors add and JSON does not have', async () => {
    const { text, bytes } = await readInput(await file('bom.json', '\ufeff{}'));
    expect([text, bytes.length]).toEqual(['{}', 2]);
  });

  it('that is not there is a usage error that names it', async () => {
    const path = join(folder, 'missing.json');
    await expect(readInput(path)).rejects.toThrow(new UsageError(`cannot read ${path}: there is no such file`));
  });

  it('that is a folder is a usage error that says so', async () => {
    await expect(readInput(folder)).rejects.toThrow(`cannot read ${folder}: it is a folder`);
  });

  it('that is not UTF-8 is refused, as JSON is always UTF-8', async () => {
    await expect(readInput(await file('latin1.json', Buffer.from('{"a":"é"}', 'latin1')))).rejects.toThrow('is not UTF-8 text');
  });
});

describe('the place of an error', () => {
  it('counts lines and characters from 1', () => {
    const bytes = Buffer.from('{\n "é🚀": x\n}');
    expect(positionAt(bytes, bytes.indexOf('x'))).toEqual({ line: 2, column: 8 });
    expect(positionAt(bytes, 0)).toEqual({ line: 1, column: 1 });
  });

  it('is line and column where a text stops being JSON', () => {
    expect(complaint('{"package":"p",\n "page":}')).toBe('n.json:2:9: not JSON: expected a value');
  });

  it('is the end of the text when it is cut off', () => {
    expect(complaint('{"package":"p"')).toBe('n.json:1:15: not JSON: expected "," or "}"');
  });

  it('is a JSON pointer where a member is at fault', () => {
    expect(complaint('{"package":"p","page":7}')).toBe('n.json: /page: expected a non-empty string, found a number');
  });
});
