import type { Pacer } from './pacer.js';
import { addressOf, type Workload } from './workload.js';

/**
 * The bytes of each notification, and how they are found again in what a subscriber receives. Index and planned
 * moment stand in `data`; a frame is searched for the run's mark instead of being parsed, since there may be a hundred
 * thousand of them a second.
 */
export interface Envelope {
  /** Bytes of the longest notification when its message is empty; none can be made shorter. */
  readonly smallestSize: number;
  /** The notification, the value that a broker relays byte for byte. */
  notification(index: number): Buffer;
  /** Reads a frame that a subscriber received. */
  open(frame: Buffer): Opened;
}

/** What a frame is: one of the run's notifications, something else of the broker's, or what should not have come. */
type Opened =
  | { readonly kind: 'notification'; readonly index: number; readonly isIntact: boolean }
  | { readonly kind: 'other' }
  | { readonly kind: 'corrupt' };

const FILLING = 'Nothing is written here, but a notification has its length. ';
const NOTIFICATION_MEMBER = Buffer.from('"notification":');

/** Notifications that are under way at the same time are compared with bytes that are kept; older ones are made again. */
const KEPT = 4096;

export function createEnvelope(workload: Workload, pacer: Pacer): Envelope {
  const { run, sizeBytes, count, channels } = workload.options;
  const write = (index: number) =>
    writeNotification(run, workload.channelOf(index), { index, plannedMs: pacer.plannedAt(index), sizeBytes });
  const last = { index: count - 1, plannedMs: pacer.plannedAt(count - 1), sizeBytes: 0 };
  const mark = Buffer.from(markOf(run));
  const markAt = write(0).indexOf(mark);
  const kept = new Array<{ index: number; bytes: Buffer } | undefined>(KEPT);

  function notification(index: number): Buffer {
    const found = kept[index % KEPT];
    if (found?.index === index) return found.bytes;
    const bytes = write(index);
    kept[index % KEPT] = { index, bytes };
    return bytes;
  }

  return {
    smallestSize: writeNotification(run, channels - 1, last).length,
    notification,
    open(frame) {
      const at = frame.indexOf(mark);
      if (at === -1) return frame.includes(NOTIFICATION_MEMBER) ? { kind: 'corrupt' } : { kind: 'other' };
      const index = readDigits(frame, at + mark.length);
      if (!(index < count)) return { kind: 'corrupt' };
      const expected = notification(index);
      const start = at - markAt;
      const isIntact = start >= 0 && frame.length >= start + expected.length && isEqualAt(frame, start, expected);
      return { kind: 'notification', index, isIntact };
    },
  };
}

function writeNotification(run: string, channel: number, what: { index: number; plannedMs: number; sizeBytes: number }): Buffer {
  const { package: name, page, filters } = addressOf(run, channel);
  const plannedUs = Math.round(what.plannedMs * 1000);
  const before = `{"package":"${name}","page":"${page}","data":{${markOf(run)}${what.index}","plannedUs":"${plannedUs}"}`;
  const bare = `${before},"filters":${JSON.stringify(filters)},"message":""}`;
  const filling = Math.max(0, what.sizeBytes - bare.length);
  const message = FILLING.repeat(Math.ceil(filling / FILLING.length)).slice(0, filling);
  return Buffer.from(`${bare.slice(0, -2)}${message}"}`, 'latin1');
}

function markOf(run: string): string {
  return `"run":"${run}","index":"`;
}

function readDigits(bytes: Buffer, from: number): number {
  let value = 0;
  let at = from;
  for (let digit = digitAt(bytes, at); digit !== undefined; digit = digitAt(bytes, ++at)) value = value * 10 + digit;
  return at === from ? Number.NaN : value;
}

function digitAt(bytes: Buffer, at: number): number | undefined {
  const byte = bytes[at] as number;
  return byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : undefined;
}

function isEqualAt(frame: Buffer, start: number, expected: Buffer): boolean {
  return frame.compare(expected, 0, expected.length, start, start + expected.length) === 0;
}
