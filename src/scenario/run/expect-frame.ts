import type { Json, JsonObject } from '../../protocol/index.js';
import { opcodeName } from '../client/describe-frame.js';
import type { LineClient } from '../client/line-client.js';
import { mismatch, show } from '../client/pattern.js';
import type { Wish } from './expect-message.js';
import { StepFailure } from './step-failure.js';

/**
 * Waits for a frame, and claims the oldest that fits.
 * @returns what it was: opcode, fin and the payload as text.
 * @throws StepFailure with the frames that there are.
 */
export async function expectFrame(
  { line, timeoutMs }: Wish,
  wanted: { readonly opcode?: number | undefined; readonly fin?: boolean | undefined; readonly payload?: Json | undefined },
): Promise<JsonObject> {
  const found = await line.until(() => line.inbox.frames.find(({ isClaimed, frame }) => !isClaimed && fits(wanted, frame)), timeoutMs);
  if (found) {
    found.isClaimed = true;
    return { opcode: found.frame.opcode, fin: found.frame.fin, payload: found.frame.payload.toString('utf8') };
  }
  const others = line.inbox.frames.filter(({ isClaimed }) => !isClaimed);
  throw new StepFailure(`${line.name} did not receive such a frame within ${timeoutMs} ms`, {
    expected: `${nameOf(wanted.opcode)} ${wanted.payload === undefined ? '' : show(wanted.payload)}`.trim(),
    actual: others.map(({ frame }) => `${nameOf(frame.opcode)} ${frame.payload.toString('utf8', 0, 200)}`).join('\n') || 'no frame',
    pointer: '/frame',
  });
}

/**
 * Waits for bytes that came before a handshake.
 * @throws StepFailure when they begin otherwise, or too few came.
 */
export async function expectBytes(line: LineClient, text: string, timeoutMs: number): Promise<void> {
  const begins = () => line.received.toString('latin1', 0, text.length);
  await line.until(() => (begins().length === text.length ? true : undefined), timeoutMs);
  if (begins() === text) return;
  throw new StepFailure(`${line.name} received other bytes than expected`, {
    expected: text,
    actual: line.received.toString('latin1', 0, 500) || 'nothing',
    pointer: '/text',
  });
}

function fits(
  wanted: { readonly opcode?: number | undefined; readonly fin?: boolean | undefined; readonly payload?: Json | undefined },
  frame: { readonly opcode: number; readonly fin: boolean; readonly payload: Buffer },
): boolean {
  if (wanted.opcode !== undefined && wanted.opcode !== frame.opcode) return false;
  if (wanted.fin !== undefined && wanted.fin !== frame.fin) return false;
  return wanted.payload === undefined || mismatch(wanted.payload, frame.payload.toString('utf8')) === undefined;
}

function nameOf(opcode: number | undefined): string {
  return opcode === undefined ? 'any frame' : opcodeName(opcode);
}
