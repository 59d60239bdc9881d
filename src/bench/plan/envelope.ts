import { addressOf } from './address.js';

/**
 * The bytes of each notification of a run, and how they are found again in what a subscriber receives. All notifications
 * have the same bytes but for index and channel, so a frame is compared with a few constants instead of being parsed:
 * there may be hundreds of thousands of them a second.
 */
export class Envelope {
  readonly #sizeBytes: number;
  readonly #head: Buffer;
  /** How a message begins, up to the index. */
  readonly #front: Constant;
  /** How a notification ends behind the name of its channel, by the length of that name. */
  readonly #tails: readonly Constant[];
  #bytes: Buffer | undefined;
  #view: DataView = new DataView(new ArrayBuffer(0));

  /**
   * @param run the run's own name, of letters and digits.
   * @param channels how many there are: the last one's name is the longest.
   * @param sizeBytes of each notification.
   * @throws RangeError when that is less than the `smallestSize`.
   */
  constructor(run: string, channels: number, sizeBytes: number) {
    this.#sizeBytes = sizeBytes;
    this.#head = headOf(run);
    this.#front = constant(`${MESSAGE_START}${this.#head.toString('latin1')}`);
    const smallest = smallestSize(run, channels);
    if (sizeBytes < smallest) throw new RangeError(`expected a size of at least ${smallest} bytes, found ${sizeBytes}`);
    const before = this.#head.length + INDEX_BYTES + BETWEEN.bytes.length;
    const longest = String(channels - 1).length;
    this.#tails = Array.from({ length: longest + 1 }, (_, digits) => {
      const filling = sizeBytes - before - digits - BEFORE_FILLING.length - END.length;
      return constant(`${BEFORE_FILLING}${fillingOf(filling)}${END}`);
    });
  }

  /** The notification: the value that a broker relays byte for byte. */
  notification(index: number, channel: number): Buffer {
    const tail = this.#tails[String(channel).length] as Constant;
    return this.#write(`${digits(index, INDEX_DIGITS)}-${digits(checkOf(index), CHECK_DIGITS)}`, channel, tail.bytes);
  }

  /** A notification that tells its receivers apart from those that do not hear anything yet; it is never counted. */
  canary(round: number, channel: number): Buffer {
    return this.#write(`${CANARY}-${round}`, channel, Buffer.from(`${BEFORE_FILLING}${END}`));
  }

  /**
   * The index of the notification that a whole text message carries, when the message is one of ours to the byte; -1
   * for anything else, which `inspect` looks at.
   */
  indexIn(bytes: Buffer, start: number, end: number): number {
    const after = start + MESSAGE_START.length + this.#sizeBytes;
    if (end <= after) return -1;
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = viewOf(bytes);
    }
    const view = this.#view;
    if (!isEqual(view, start, this.#front)) return -1;
    let at = start + this.#front.bytes.length;
    const index = number(bytes, at, INDEX_DIGITS);
    if (bytes[at + INDEX_DIGITS] !== HYPHEN || number(bytes, at + INDEX_DIGITS + 1, CHECK_DIGITS) !== checkOf(index)) return -1;
    at += INDEX_BYTES;
    if (!isEqual(view, at, BETWEEN)) return -1;
    at += BETWEEN.bytes.length;
    let length = 0;
    while (length < this.#tails.length && bytes[at + length] !== QUOTE) length++;
    const tail = this.#tails[length];
    if (tail === undefined || !isEqual(view, at + length, tail)) return -1;
    // Behind it is the end of the message, or a member of wsn.v1 such as its position.
    const next = bytes[after];
    return next === CLOSING_BRACE || next === COMMA ? index : -1;
  }

  /** The channel that a message stands for of which `indexIn` has found the index. */
  channelIn(bytes: Buffer, start: number): number {
    let at = start + this.#front.bytes.length + INDEX_BYTES + BETWEEN.bytes.length;
    let channel = 0;
    for (let digit = bytes[at] as number; digit !== QUOTE; digit = bytes[++at] as number) channel = channel * 10 + digit - ZERO;
    return channel;
  }

  /**
   * What a message is that is not ours to the byte: written in another way by its broker, changed on its way, a canary,
   * or none of the run's business.
   */
  inspect(text: string): Inspected {
    const message = parse(text);
    const notification = memberOf(message, 'notification');
    if (notification === undefined) return text.includes(NOTIFICATION_MEMBER) ? CORRUPT : OTHER;
    const name = memberOf(memberOf(notification, 'data'), 'index');
    if (typeof name !== 'string') return CORRUPT;
    const channel = Number(memberOf(memberOf(memberOf(notification, 'filters'), 'values'), 'channel'));
    if (name.startsWith(CANARY)) return { kind: 'canary', round: Number(name.slice(CANARY.length + 1)), channel };
    const index = Number(name.slice(0, INDEX_DIGITS));
    const isName = /^\d{10}-\d{4}$/.test(name) && Number(name.slice(INDEX_DIGITS + 1)) === checkOf(index);
    if (!isName) return CORRUPT;
    const isIntact = Number.isInteger(channel) && isSame(notification, JSON.parse(this.notification(index, channel).toString('latin1')));
    return { kind: 'notification', index, channel, isIntact };
  }

  #write(name: string, channel: number, tail: Buffer): Buffer {
    return Buffer.concat([this.#head, Buffer.from(name), BETWEEN.bytes, Buffer.from(String(channel)), tail]);
  }
}

/** Bytes that index and filters of a notification take at least; no notification of the run can have fewer. */
export function smallestSize(run: string, channels: number): number {
  const name = String(channels - 1);
  return headOf(run).length + INDEX_BYTES + BETWEEN.bytes.length + name.length + BEFORE_FILLING.length + END.length;
}

function headOf(run: string): Buffer {
  const { package: name, page } = addressOf(run, 0);
  return Buffer.from(`{"package":"${name}","page":"${page}","data":{"run":"${run}","index":"`, 'latin1');
}

/** What `inspect` finds; of a `notification`, `isIntact` says whether its value is the one that was sent. */
export type Inspected =
  | { readonly kind: 'notification'; readonly index: number; readonly channel: number; readonly isIntact: boolean }
  | { readonly kind: 'canary'; readonly round: number; readonly channel: number }
  | { readonly kind: 'corrupt' }
  | { readonly kind: 'other' };

const OTHER: Inspected = { kind: 'other' };
const CORRUPT: Inspected = { kind: 'corrupt' };

const NOTIFICATION_MEMBER = '"notification":';
const FILLING = 'Nothing is written here, but a notification has its length. ';
const CANARY = 'canary';
const INDEX_DIGITS = 10;
const CHECK_DIGITS = 4;
const INDEX_BYTES = INDEX_DIGITS + 1 + CHECK_DIGITS;
const [ZERO, HYPHEN, QUOTE, COMMA, CLOSING_BRACE] = [0x30, 0x2d, 0x22, 0x2c, 0x7d];

const MESSAGE_START = '{"sender":"server","notification":';
const BEFORE_FILLING = '"}},"message":"';
const END = '"}';
const BETWEEN = constant('"},"filters":{"values":{"channel":"');

/** Bytes that are the same in every notification, ASCII without control characters, and their view. */
interface Constant {
  readonly bytes: Buffer;
  readonly view: DataView;
}

function constant(text: string): Constant {
  const bytes = Buffer.from(text, 'latin1');
  return { bytes, view: viewOf(bytes) };
}

function fillingOf(length: number): string {
  return FILLING.repeat(Math.ceil(Math.max(0, length) / FILLING.length)).slice(0, Math.max(0, length));
}

/** Digits that an index must have beside it: one that was changed on its way is not taken for another one. */
function checkOf(index: number): number {
  return (index * 7919) % 9973;
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, '0');
}

/** Reads so many digits; NaN where there is something else. */
function number(bytes: Buffer, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const digit = (bytes[i] as number) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * Compares eight bytes at a time, as doubles: for a few hundred bytes much faster than a call out of JavaScript. Two doubles
 * are equal when their bits are, but for zeros and NaN, and of a constant's characters neither can be made. The caller
 * knows that there are enough bytes.
 */
function isEqual(view: DataView, at: number, { view: expected }: Constant): boolean {
  const length = expected.byteLength;
  let i = 0;
  for (const whole = length - 7; i < whole; i += 8) if (view.getFloat64(at + i, true) !== expected.getFloat64(i, true)) return false;
  for (; i < length; i++) if (view.getUint8(at + i) !== expected.getUint8(i)) return false;
  return true;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && isSame(memberOf(a, name), memberOf(b, name)))
  );
}
