import { prettyFactory } from 'pino-pretty';
import type { LogFormat, LogLevel } from '../serve.js';
import { wantsColour } from '../terminal/colours.js';
import { escapeText } from '../terminal/escape-text.js';
import { LineLog } from './line-log.js';
import { LogOutput } from './log-output.js';

/** What decides how the broker's log looks. */
export interface LogOptions {
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  readonly color: boolean;
}

/** Members of an entry that have a place of their own in a line. */
const PLACED = new Set(['level', 'time', 'msg', 'err']);

/** One for all logs of the process, so that their lines keep their order. */
const STDOUT = new LogOutput(1);

/** Whether the log is meant for people: asked for, or on a terminal. */
export function isPretty(options: Pick<LogOptions, 'logFormat'>): boolean {
  return options.logFormat === 'pretty' || (options.logFormat === 'auto' && process.stdout.isTTY === true);
}

/** The broker's log on stdout: JSON lines, or lines for people. A broker does not end with its log's reader. */
export function createLog(options: LogOptions): LineLog {
  if (!isPretty(options)) return new LineLog(options.logLevel, (line) => STDOUT.write(line));
  const format = prettyFactory({
    colorize: wantsColour(process.stdout, options.color),
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,hostname,name,caller,err',
    hideObject: true,
    messageFormat: (entry, messageKey, _level, { colors }) => readableEntry(entry, String(entry[messageKey] ?? ''), colors.gray),
  });
  return new LineLog(options.logLevel, (line) => STDOUT.write(format(line)));
}

/**
 * An entry for people: its message, then its facts as `name=value`. Peers' text is in them, so all of it is escaped;
 * an error brings its stack on lines of its own.
 */
export function readableEntry(entry: Readonly<Record<string, unknown>>, message: string, dim: (text: string) => string): string {
  const facts = Object.entries(entry)
    .filter(([name]) => !PLACED.has(name))
    .map(([name, value]) => escapeText(`${name}=${typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)}`));
  const { stack } = (entry.err ?? {}) as { readonly stack?: string };
  const lines = stack === undefined ? [] : stack.split('\n').map((line) => `\n    ${escapeText(line)}`);
  return `${escapeText(message)}${facts.length === 0 ? '' : ` ${dim(facts.join(' '))}`}${lines.join('')}`;
}
