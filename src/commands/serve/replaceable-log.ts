import type { LineLog } from './line-log.js';

/** The log that the broker keeps while its level and its form may change. */
export class ReplaceableLog implements Pick<LineLog, 'debug' | 'info' | 'warn' | 'error' | 'fatal'> {
  #current: LineLog;

  constructor(first: LineLog) {
    this.#current = first;
  }

  /** From now on entries go there. */
  replace(next: LineLog): void {
    this.#current = next;
  }

  debug(fields: object, message: string): void {
    this.#current.debug(fields, message);
  }

  info(fields: object, message: string): void {
    this.#current.info(fields, message);
  }

  warn(fields: object, message: string): void {
    this.#current.warn(fields, message);
  }

  error(fields: object, message: string): void {
    this.#current.error(fields, message);
  }

  fatal(fields: object, message: string): void {
    this.#current.fatal(fields, message);
  }
}
