import { stdSerializers } from 'pino';
import type { Log } from '../../server/observe.js';
import type { LogLevel } from '../serve.js';
import { escapeText } from '../terminal/escape-text.js';

const LEVELS: readonly string[] = ['debug', 'info', 'warn', 'error', 'fatal'];
const [DEBUG, INFO, WARN, ERROR, FATAL] = [0, 1, 2, 3, 4];

/**
 * A log of JSON lines with the members that `pino` writes: the level, the time, the facts of the entry and its message.
 * Its own because every publication writes a line: it costs half of what a general logger takes, warm and cold.
 */
export class LineLog implements Log {
  readonly #least: number;
  readonly #write: (line: string) => void;

  /** @param write takes each line, with its line end. */
  constructor(level: LogLevel, write: (line: string) => void) {
    this.#least = level === 'silent' ? LEVELS.length : LEVELS.indexOf(level);
    this.#write = write;
  }

  debug(fields: object, message: string): void {
    if (this.#least <= DEBUG) this.#entry(DEBUG, fields, message);
  }

  info(fields: object, message: string): void {
    if (this.#least <= INFO) this.#entry(INFO, fields, message);
  }

  warn(fields: object, message: string): void {
    if (this.#least <= WARN) this.#entry(WARN, fields, message);
  }

  error(fields: object, message: string): void {
    if (this.#least <= ERROR) this.#entry(ERROR, fields, message);
  }

  /** For what ends the process. */
  fatal(fields: object, message: string): void {
    if (this.#least <= FATAL) this.#entry(FATAL, fields, message);
  }

  #entry(level: number, fields: object, message: string): void {
    // JSON leaves C1 controls, line separators and marks of direction as they are: peers' text must break no reader's line.
    // Of the two alone, and not of the whole line, which is in pieces until it is written: so it takes no time to speak of.
    const facts = escapeText('err' in fields ? factsWithError(fields, fields.err) : JSON.stringify(fields));
    const members = facts === '{}' ? '' : `,${facts.slice(1, -1)}`;
    this.#write(`{"level":"${LEVELS[level]}",${timestamp()}${members},"msg":${escapeText(JSON.stringify(message))}}\n`);
  }
}

/** An error may carry anything, also what has no JSON; its stack has to be told all the same. */
function factsWithError(fields: object, error: unknown): string {
  const err = error instanceof Error ? stdSerializers.err(error) : String(error);
  try {
    return JSON.stringify({ ...fields, err });
  } catch {
    const { type, message, stack } = err as ReturnType<typeof stdSerializers.err>;
    const scalars = Object.entries(fields).filter(([, value]) => typeof value !== 'object' && typeof value !== 'bigint');
    return JSON.stringify({ ...Object.fromEntries(scalars), err: { type, message, stack } });
  }
}

let timestampAt = 0;
let timestampText = '';

/** The time as a member of an entry; the text is made once for all entries of a millisecond. */
function timestamp(): string {
  const now = Date.now();
  if (now !== timestampAt) {
    timestampAt = now;
    timestampText = `"time":"${new Date(now).toISOString()}"`;
  }
  return timestampText;
}
