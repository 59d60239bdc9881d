import { opcodes, Violation } from './frames.mjs';
import { broken } from './mistakes/index.mjs';

export const mebibyte = 1_048_576;

/** Puts the frames of a message together. */
export class Fragments {
  #parts = [];
  #size = 0;
  latePings = [];
  begun = false;

  /** How many bytes the next data frame may have. */
  get room() {
    if (broken('size-unlimited')) return Number.POSITIVE_INFINITY;
    const before = broken('fragments-unbounded') ? 0 : this.#size;
    if (broken('size-half')) return mebibyte / 2 - before;
    return mebibyte - (broken('size-one-less') ? 1 : 0) - before;
  }

  /** Takes a data frame; the text, when it is complete. Throws a Violation. */
  add({ opcode, final, payload }) {
    if (opcode === opcodes.binary && !broken('accept-binary')) throw new Violation(1003, 'only texts are read');
    this.#checkOrder(opcode);
    if (broken('fragments-refused') && !final) throw new Violation(1002, 'fragments are not read');
    if (broken('fragments-checked-apart')) decode(payload);
    this.#parts.push(payload);
    this.#size += payload.length;
    this.begun = !final || (broken('fragments-empty-end') && payload.length === 0 && this.#parts.length > 1);
    return this.begun ? undefined : this.#whole();
  }

  #checkOrder(opcode) {
    if (opcode === opcodes.continuation && !this.begun && !broken('accept-lone-continuation'))
      throw new Violation(1002, 'nothing is there to be continued');
    if (opcode === opcodes.continuation || !this.begun) return;
    if (!broken('accept-text-in-fragments')) throw new Violation(1002, 'a message began within another');
    this.#parts = [];
    this.#size = 0;
  }

  #whole() {
    const parts = this.#parts;
    this.#parts = broken('fragments-kept-after-error') && parts.length > 1 && !isJson(Buffer.concat(parts)) ? parts : [];
    this.#size = 0;
    if (broken('fragments-decoded-apart')) return parts.map((part) => part.toString()).join('');
    if (broken('fragments-first-only')) return decode(parts[0]);
    if (broken('fragments-last-only')) return decode(parts.at(-1));
    return decode(Buffer.concat(parts));
  }
}

function isJson(bytes) {
  try {
    return JSON.parse(bytes.toString()) !== undefined;
  } catch {
    return false;
  }
}

function decode(bytes) {
  if (broken('relay-latin1-read')) return bytes.toString('latin1');
  if (broken('accept-not-utf8')) return bytes.toString();
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Violation(1007, 'a text is not UTF-8');
  }
}
