import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { broken } from './mistakes/index.mjs';

/** What was published, a line each: in a file that a later process reads, or nowhere. */
export class Log {
  #file;
  #records = [];

  constructor(folder) {
    if (folder === undefined) return;
    mkdirSync(folder, { recursive: true });
    this.#file = join(folder, 'reference.jsonl');
    if (existsSync(this.#file)) this.#read();
  }

  #read() {
    const text = readFileSync(this.#file, 'utf8');
    // What a killed process has not written to its end nobody was told of.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    truncateSync(this.#file, Buffer.byteLength(whole));
    this.#records = whole
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
    if (broken('data-last-lost')) this.#records.pop();
  }

  /** What earlier processes have written, once. */
  takeAll() {
    return this.#records.splice(0);
  }

  /** Writes a record; when this returns the death of the process does not touch it any more. */
  write(record) {
    if (this.#file === undefined || broken('data-not-kept')) return;
    const write = () => appendFileSync(this.#file, `${JSON.stringify(record)}\n`);
    if (broken('data-written-late')) setTimeout(write, 500);
    else write();
  }
}
