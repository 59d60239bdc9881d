import { hexValue, knownName } from './known-names.js';
import { LIMITS } from './limits.js';
import { ProtocolError } from './protocol-error.js';

/**
 * One linear pass over the bytes of a message, before anything is built from them: it accepts exactly
 * what `JSON.parse` accepts, refuses what is nested too deeply before that can exhaust a stack, and notes where the
 * members that the protocol knows stand, how often and how they are spelled. The broker relays the bytes of such a
 * span untouched, so that no number, order of members or unknown member is changed on the way.
 */

const NONE: readonly ScannedObject[] = [];

/** A member with a known name, as it stands in the bytes. */
export interface ScannedMember {
  readonly name: string;
  /** The value's first byte, and the byte behind its last. */
  start: number;
  end: number;
  /** How often the name stands in its object. */
  count: number;
  /** Whether it is spelled with an escape anywhere. */
  isEscaped: boolean;
  /** The known members of the value, or of the objects in it, where the protocol looks inside. */
  inner: readonly ScannedObject[];
}

/** The known members of one object, and its own span. */
export interface ScannedObject {
  readonly members: ScannedMember[];
  readonly start: number;
  end: number;
}

/** The root of a message: its known members, and how deep the whole is nested. */
export interface ScannedMessage extends ScannedObject {
  /** Levels of objects and arrays, the root being the first; 0 when the root is a scalar. */
  levels: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const SIMPLE_ESCAPES = '"\\/bfnrt';

/**
 * Scans a whole message.
 * @param bytes valid UTF-8.
 * @returns the root object's known members, or an object without members when the root is not an object.
 * @throws ProtocolError `invalid-message` with the byte at which the text stops being JSON, or when it is too deep.
 */
export function scan(bytes: Uint8Array): ScannedMessage {
  return new Scanner(bytes).run();
}

/** The member called `name` of a scanned object, if it is there. */
export function memberOf(object: ScannedObject, name: string): ScannedMember | undefined {
  for (const member of object.members) if (member.name === name) return member;
  return undefined;
}

class Scanner {
  readonly #bytes: Uint8Array;
  #at = 0;
  #levels = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  run(): ScannedMessage {
    this.#space();
    const root: ScannedMessage = { members: [], start: this.#at, end: 0, levels: 0 };
    this.#value(1, root, undefined);
    root.end = this.#at;
    root.levels = this.#levels;
    this.#space();
    if (this.#at < this.#bytes.length) this.#fail('the end of the message');
    return root;
  }

  /**
   * @param level nesting of the value if it is an object or an array.
   * @param tracked where to note the members, when the value is an object that the protocol reads.
   * @param elements where to note the objects of the value, when it is a list of such objects.
   */
  #value(level: number, tracked: ScannedObject | undefined, elements: ScannedObject[] | undefined): void {
    const byte = this.#bytes[this.#at];
    if (byte === QUOTE) this.#string();
    else if (byte === OPEN_BRACE) this.#object(level, tracked);
    else if (byte === OPEN_BRACKET) this.#array(level, elements);
    else if (byte === 0x74) this.#word('true');
    else if (byte === 0x66) this.#word('false');
    else if (byte === 0x6e) this.#word('null');
    else if (byte === 0x2d || isDigit(byte)) this.#number();
    else this.#fail('a value');
  }

  #object(level: number, tracked: ScannedObject | undefined): void {
    this.#refuseDepth(level);
    this.#at++;
    this.#space();
    if (this.#take(CLOSE_BRACE)) return;
    for (;;) {
      if (this.#bytes[this.#at] !== QUOTE) this.#fail('a name in double quotes');
      const nameStart = this.#at + 1;
      const isEscaped = this.#string();
      const name = tracked && knownName(this.#bytes, nameStart, this.#at - 1, isEscaped);
      this.#space();
      if (!this.#take(COLON)) this.#fail('":"');
      this.#space();
      if (tracked && name !== undefined) this.#member(level, tracked, name, isEscaped);
      else this.#value(level + 1, undefined, undefined);
      this.#space();
      if (this.#take(CLOSE_BRACE)) return;
      if (!this.#take(COMMA)) this.#fail('"," or "}"');
      this.#space();
    }
  }

  #member(level: number, tracked: ScannedObject, name: string, isEscaped: boolean): void {
    let member = memberOf(tracked, name);
    if (!member) {
      member = { name, start: 0, end: 0, count: 0, isEscaped: false, inner: NONE };
      tracked.members.push(member);
    }
    member.count++;
    member.isEscaped ||= isEscaped;
    member.start = this.#at;
    member.inner = NONE;
    if (level === 1 && name === 'notification') {
      const inner: ScannedObject = { members: [], start: this.#at, end: 0 };
      this.#value(level + 1, inner, undefined);
      inner.end = this.#at;
      member.inner = [inner];
    } else if (level === 1 && name === 'notifications') {
      const elements: ScannedObject[] = [];
      this.#value(level + 1, undefined, elements);
      member.inner = elements;
    } else this.#value(level + 1, undefined, undefined);
    member.end = this.#at;
  }

  #array(level: number, elements: ScannedObject[] | undefined): void {
    this.#refuseDepth(level);
    this.#at++;
    this.#space();
    if (this.#take(CLOSE_BRACKET)) return;
    for (;;) {
      if (elements) {
        const element: ScannedObject = { members: [], start: this.#at, end: 0 };
        this.#value(level + 1, element, undefined);
        element.end = this.#at;
        elements.push(element);
      } else this.#value(level + 1, undefined, undefined);
      this.#space();
      if (this.#take(CLOSE_BRACKET)) return;
      if (!this.#take(COMMA)) this.#fail('"," or "]"');
      this.#space();
    }
  }

  /** Passes a string; tells whether it holds an escape. */
  #string(): boolean {
    const bytes = this.#bytes;
    let isEscaped = false;
    let at = this.#at + 1;
    for (;;) {
      const byte = bytes[at];
      if (byte === QUOTE) break;
      if (byte === undefined || byte < 0x20) {
        this.#at = at;
        this.#fail(byte === undefined ? 'the end of a string' : 'a control character to be escaped');
      }
      if (byte !== BACKSLASH) {
        at++;
        continue;
      }
      isEscaped = true;
      this.#at = at;
      at = this.#escape();
    }
    this.#at = at + 1;
    return isEscaped;
  }

  /** Checks the escape at the current byte; returns the byte behind it. */
  #escape(): number {
    const kind = this.#bytes[this.#at + 1];
    if (kind === 0x75) {
      for (let at = this.#at + 2; at < this.#at + 6; at++) {
        if (Number.isNaN(hexValue(this.#bytes[at]))) this.#fail('four hexadecimal digits after \\u');
      }
      return this.#at + 6;
    }
    if (kind === undefined || !SIMPLE_ESCAPES.includes(String.fromCharCode(kind))) this.#fail('an escape of JSON');
    return this.#at + 2;
  }

  #number(): void {
    this.#take(0x2d);
    if (!this.#take(0x30)) this.#digits();
    if (this.#take(0x2e)) this.#digits();
    const byte = this.#bytes[this.#at];
    if (byte === 0x65 || byte === 0x45) {
      this.#at++;
      if (!this.#take(0x2b)) this.#take(0x2d);
      this.#digits();
    }
  }

  #digits(): void {
    if (!isDigit(this.#bytes[this.#at])) this.#fail('a digit');
    while (isDigit(this.#bytes[this.#at])) this.#at++;
  }

  #word(word: string): void {
    for (let index = 0; index < word.length; index++) {
      if (this.#bytes[this.#at + index] !== word.charCodeAt(index)) this.#fail('a value');
    }
    this.#at += word.length;
  }

  #space(): void {
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
      this.#at++;
    }
  }

  #take(byte: number): boolean {
    if (this.#bytes[this.#at] !== byte) return false;
    this.#at++;
    return true;
  }

  #refuseDepth(level: number): void {
    if (level > this.#levels) this.#levels = level;
    if (level <= LIMITS.messageDepth) return;
    throw new ProtocolError('invalid-message', `nested deeper than ${LIMITS.messageDepth} levels`, { offset: this.#at });
  }

  #fail(expected: string): never {
    const offset = Math.min(this.#at, this.#bytes.length);
    throw new ProtocolError('invalid-message', `not JSON: expected ${expected} at byte ${offset}`, { offset });
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
