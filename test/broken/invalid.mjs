import { broken } from './mistakes/index.mjs';

/** What is wrong with a message: its kind (an error code of section 5), the JSON pointer of the member, what was expected there. */
export class Invalid extends Error {
  constructor(kind, path, expected) {
    super(expected);
    this.kind = kind;
    this.path = path;
    this.id = undefined;
  }

  /** The reason of a close frame: the pointer first, if there is one. */
  get reason() {
    if (broken('reason-missing')) return '';
    if (broken('reason-no-pointer') || this.path === '') return this.message;
    if (broken('reason-pointer-last')) return `${this.message} at ${this.path}`;
    if (broken('reason-pointer-dots')) return `${this.path.slice(1).replaceAll('/', '.')} ${this.message}`;
    if (broken('reason-pointer-parent')) return `${this.path.slice(0, this.path.lastIndexOf('/'))} ${this.message}`;
    if (broken('reason-index-missing')) return `${this.path.replace(/\/\d+/, '')} ${this.message}`;
    return `${this.path} ${this.message}`;
  }
}

/** Cuts a reason at 123 bytes of UTF-8, on a character boundary. */
export function cutReason(reason) {
  if (broken('reason-long')) return Buffer.from(reason);
  if (broken('reason-cut-bytes')) return Buffer.from(reason).subarray(0, 123);
  if (broken('reason-cut-characters')) return Buffer.from(reason.slice(0, 123));
  let cut = '';
  for (const character of reason) {
    if (Buffer.byteLength(cut + character) > 123) break;
    cut += character;
  }
  return Buffer.from(cut);
}
