import { decodePublications, ProtocolError } from '../../protocol/index.js';
import { UsageError } from '../exit/usage-error.js';
import { describeProtocolError, type Input, readInput } from '../input/json-input.js';
import type { Outgoing } from './outgoing.js';

/** A line of an input that has something on it. */
interface Line {
  readonly number: number;
  /** Where it begins in the input, in bytes. */
  readonly start: number;
  readonly bytes: Uint8Array;
}

const LINE_FEED = 0x0a;

/**
 * Reads what to publish from a file, or from stdin when `path` is `-`: JSON, or NDJSON.
 * @throws UsageError with line and column where it is not JSON, with a JSON pointer where a member is at fault.
 */
export async function readNotifyInput(path: string): Promise<readonly Outgoing[]> {
  const input = await readInput(path);
  if (input.text.trim() === '') throw new UsageError(`${input.name} is empty: expected a notification in JSON`);
  const found = decodeInput(input);
  if (found.length === 0) throw new UsageError(`${input.name}: /notifications: expected at least one notification, found none`);
  return found;
}

/** @throws UsageError as `readNotifyInput`. */
export function decodeInput(input: Input): readonly Outgoing[] {
  try {
    return decode(input.bytes);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const lines = error.offset === undefined ? [] : linesOf(input.bytes);
    if (lines.length > 1 && isJson(lines[0])) return lines.flatMap((line) => decodeLine(input, line));
    throw new UsageError(describeProtocolError(input.name, input, error));
  }
}

function decodeLine(input: Input, { number, start, bytes }: Line): readonly Outgoing[] {
  const origin = `${input.name}:${number}`;
  try {
    return decode(bytes).map((outgoing) => ({ ...outgoing, origin }));
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    if (error.offset === undefined) throw new UsageError(describeProtocolError(origin, input, error));
    const shifted = new ProtocolError(error.code, error.message, { offset: start + error.offset });
    throw new UsageError(describeProtocolError(input.name, input, shifted));
  }
}

/** @throws ProtocolError */
function decode(bytes: Uint8Array): readonly Outgoing[] {
  const { publications, key } = decodePublications({ bytes, text: textOf(bytes) });
  return publications.map(({ start, end }) => ({ json: textOf(bytes.subarray(start, end)), ...(key === undefined ? {} : { key }) }));
}

/** Whether a line is JSON on its own: what it is part of is NDJSON then, not an object written over several lines. */
function isJson(line: Line | undefined): boolean {
  try {
    if (line) JSON.parse(textOf(line.bytes));
    return line !== undefined;
  } catch {
    return false;
  }
}

function linesOf(bytes: Uint8Array): readonly Line[] {
  const lines: Line[] = [];
  let number = 1;
  for (let start = 0; start < bytes.length; number++) {
    const found = bytes.indexOf(LINE_FEED, start);
    const end = found < 0 ? bytes.length : found;
    const line = bytes.subarray(start, end);
    if (textOf(line).trim() !== '') lines.push({ number, start, bytes: line });
    start = end + 1;
  }
  return lines;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
