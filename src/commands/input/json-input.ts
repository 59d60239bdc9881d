import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import type { ProtocolError } from '../../protocol/index.js';
import { UsageError } from '../exit/usage-error.js';

/** What a file or stdin held: valid UTF-8, without a byte order mark. */
export interface Input {
  /** The path as it was given, or `stdin`. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly text: string;
}

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const LINE_FEED = 0x0a;

/** Sentences for what `readFile` refuses with. */
const READ_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'it may not be read by this user',
};

/**
 * Reads a whole file, or stdin when `path` is `-`.
 * @throws UsageError when it cannot be read or is not UTF-8.
 */
export async function readInput(path: string): Promise<Input> {
  const name = path === '-' ? 'stdin' : path;
  const read = path === '-' ? await readStdin() : await readNamed(path);
  const bytes = BYTE_ORDER_MARK.every((byte, index) => read[index] === byte) ? read.subarray(BYTE_ORDER_MARK.length) : read;
  if (!isUtf8(bytes)) throw new UsageError(`${name} is not UTF-8 text: JSON is always UTF-8`);
  return { name, bytes, text: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8') };
}

/** Line and column of a byte, both from 1; columns count characters. `bytes` is valid UTF-8. */
export function positionAt(bytes: Uint8Array, offset: number): { line: number; column: number } {
  let line = 1;
  let lineStart = 0;
  for (let at = 0; at < offset; at++) {
    if (bytes[at] !== LINE_FEED) continue;
    line++;
    lineStart = at + 1;
  }
  const before = new TextDecoder().decode(bytes.subarray(lineStart, offset));
  return { line, column: [...before].length + 1 };
}

/**
 * One line that says where in an input a message is wrong: `n.json:3:14: not JSON: expected …` where it stops being
 * JSON, `n.json: /notification/page: expected …` where a member is at fault.
 * @param name how the user called the input.
 */
export function describeProtocolError(name: string, input: { readonly bytes: Uint8Array }, error: ProtocolError): string {
  if (error.offset === undefined) return `${name}: ${error.described}`;
  const { line, column } = positionAt(input.bytes, error.offset);
  return `${name}:${line}:${column}: ${error.message.replace(/ at byte \d+$/, '')}`;
}

async function readNamed(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(`cannot read ${path}: ${READ_ERRORS[code ?? ''] ?? message}`);
  }
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
