import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { LineLog } from '../../../src/commands/serve/line-log.js';

const LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const;
const TIME = /"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/;

/** The line that `write` comes to, with its time replaced. */
function lineOf(write: (log: LineLog) => void): string {
  const lines: string[] = [];
  write(new LineLog('debug', (line) => lines.push(line)));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(TIME);
  return (lines[0] as string).replace(TIME, '"time":"T"');
}

function pinoLineOf(fields: object, message: string): string {
  const lines: string[] = [];
  const settings = { base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (level: string) => ({ level }) } };
  pino(settings, { write: (line: string) => lines.push(line) }).info(fields, message);
  return (lines[0] as string).replace(TIME, '"time":"T"');
}

describe('a line of the log', () => {
  const failure = Object.assign(new TypeError('found "x"\nin a message', { cause: new Error('why') }), { code: 'ECODE', port: 8000 });
  test.each<[what: string, fields: object]>([
    ['no facts', {}],
    ['strings, numbers and truth values', { publisher: 'c1', offset: 12, seconds: 0.3, mayPublish: true }],
    ['what has to be escaped', { page: 'a"b\\c\n\u0000é😀\ud800', 'a "name"': '' }],
    ['null, lists and objects', { reason: null, list: [1, 'a'], topic: { page: 'q' } }],
    ['what is not there', { id: undefined, page: 'q' }],
    ['numbers that JSON does not have', { ratio: Number.NaN, most: Number.POSITIVE_INFINITY }],
    ['an error with a cause and facts of its own', { connection: 'c1', err: failure }],
  ])('with %s is what pino writes', (_, fields) => {
    expect(lineOf((log) => log.info(fields, 'said "so"'))).toBe(pinoLineOf(fields, 'said "so"'));
  });

  test('is one line that reads as it is written, whatever text of a peer is in it', () => {
    const dangers = '\u007f\u0080\u0085\u009b\u061c\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069\ud800x\udc00\n\u001b[2J';
    const line = lineOf((log) => log.warn({ [dangers]: dangers, list: [{ dangers }] }, dangers));
    expect(line).toMatch(/^[ -~]+\n$/);
    const { time, level, msg, list, ...facts } = JSON.parse(line);
    expect([level, time, msg, list, facts]).toEqual(['warn', 'T', dangers, [{ dangers }], { [dangers]: dangers }]);
  });

  test('keeps every fact and breaks at its end alone', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })),
        fc.string({ unit: 'binary' }),
        (fields, msg) => {
          fc.pre(!['err', 'level', 'time', 'msg'].some((name) => Object.hasOwn(fields, name)));
          const line = lineOf((log) => log.info(fields, msg));
          expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Surrogate}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/u);
          expect(line.at(-1)).toBe('\n');
          expect(JSON.parse(line)).toEqual({ level: 'info', time: 'T', ...JSON.parse(JSON.stringify(fields)), msg });
        },
      ),
    );
  });

  test('names its level', () => {
    for (const level of LEVELS) expect(lineOf((log) => log[level]({}, 'm'))).toBe(`{"level":"${level}","time":"T","msg":"m"}\n`);
  });

  test('has the stack of an error whose facts have no JSON, and what was thrown that is no error', () => {
    const error = Object.assign(new Error('m'), { self: {}, big: 1n });
    const { err, msg } = JSON.parse(lineOf((log) => log.fatal({ err: error }, 'unexpected error')));
    expect([msg, err.type, err.message, err.stack]).toEqual(['unexpected error', 'Error', 'm', error.stack]);
    expect(JSON.parse(lineOf((log) => log.fatal({ err: Symbol('x') }, 'm'))).err).toBe('Symbol(x)');
  });
});

test.each([
  ['debug', LEVELS],
  ['info', ['info', 'warn', 'error', 'fatal']],
  ['warn', ['warn', 'error', 'fatal']],
  ['error', ['error', 'fatal']],
  ['silent', []],
] as const)('the level %s lets through %j', (least, expected) => {
  const lines: string[] = [];
  const log = new LineLog(least, (line) => lines.push(line));
  for (const level of LEVELS) log[level]({}, level);
  expect(lines.map((line) => JSON.parse(line).level)).toEqual(expected);
});
