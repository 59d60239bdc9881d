import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type AfterClose, afterClose, CLOSE_CODES, closeName } from '../../src/protocol/index.js';

const IN_WORDS: Record<AfterClose, string> = {
  stop: 'stops',
  'reconnect-after-jitter': 'reconnects after a jitter',
  'back-off': 'backs off',
  'refresh-token': 'once, with a fresh token',
};

/** Code, name and the client's part of each row of the table under in PROTOCOL.md. */
function writtenTable(): readonly (readonly [number, string, string])[] {
  const text = readFileSync(new URL('../../PROTOCOL.md', import.meta.url), 'utf8');
  const section = text.slice(text.indexOf('### R-4.1'), text.indexOf('### R-4.2'));
  return [...section.matchAll(/^\| (\d{4}) \| `([a-z-]+)` \|[^|]*\| ([^|]+) \|$/gm)].map((row) => [
    Number(row[1]),
    String(row[2]),
    String(row[3]),
  ]);
}

test('the table of close codes is the one in PROTOCOL.md (R-4.1)', () => {
  const own = Object.values(CLOSE_CODES).map(({ code, name, after }) => [code, name, IN_WORDS[after]]);
  expect(writtenTable()).toEqual(own);
});

describe('what a client does after a code', () => {
  test.each([
    [1000, 'stop'],
    [1001, 'reconnect-after-jitter'],
    [1002, 'stop'],
    [1003, 'stop'],
    [1005, 'back-off'],
    [1006, 'back-off'],
    [1007, 'stop'],
    [1008, 'stop'],
    [1009, 'stop'],
    [1011, 'back-off'],
    [1013, 'back-off'],
    [4400, 'stop'],
    [4401, 'refresh-token'],
    [4403, 'stop'],
    [4408, 'back-off'],
    [4429, 'back-off'],
  ] as const)('after %i it does this: %s (R-4.1)', (code, after) => {
    expect(afterClose(code)).toBe(after);
  });

  test.each([
    [4402, 'stop'],
    [4404, 'stop'],
    [4499, 'stop'],
    [4399, 'back-off'],
    [4500, 'back-off'],
    [1012, 'back-off'],
    [1014, 'back-off'],
    [3000, 'back-off'],
    [0, 'back-off'],
  ] as const)('after %i, which is in no table, it does this: %s (R-4.2)', (code, after) => {
    expect(afterClose(code)).toBe(after);
  });
});

test('a close code has a name for logs, and one of no table is called unknown', () => {
  expect(closeName(4400)).toBe('invalid-message');
  expect(closeName(1001)).toBe('going-away');
  expect(closeName(4404)).toBe('unknown');
});
