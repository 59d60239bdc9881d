import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { statusLine } from '../../../src/commands/subscribe/status-line.js';

const pen = new Chalk({ level: 0 });
const wide = { width: 200, pen };
const open = { kind: 'open', dialect: 'v1', since: 0 } as const;
const status = { url: 'ws://127.0.0.1:8000', state: open, received: 12, recovered: 0, reconnects: 0, held: undefined };

describe('the status line', () => {
  it('tells the connection, the count and the keys', () => {
    expect(statusLine(status, 0, wide)).toBe(
      '● connected to ws://127.0.0.1:8000 · 12 received · p pause  c change  s statistics  q quit  ? help',
    );
  });

  it('counts down to the next try and says why there is one', () => {
    const state = { kind: 'waiting', attempt: 2, retryAt: 5000, because: 'refused\u001b[2J' } as const;
    expect(statusLine({ ...status, state }, 2100, wide)).toMatch(/^○ retrying in 3 s \(refused\\u001b\[2J\) · 12 received/);
    expect(statusLine({ ...status, state }, 9000, wide)).toMatch(/^○ retrying in 0 s/);
  });

  it('says what a pause holds back, and how often it had to connect again', () => {
    expect(statusLine({ ...status, held: 3, reconnects: 1 }, 0, wide)).toMatch(
      / · paused, p go on · 3 held · 12 received · 1 reconnect · c change/,
    );
  });

  it('says how many were recovered, as long as there is room for it', () => {
    const recovered = { ...status, recovered: 7, reconnects: 1 };
    expect(statusLine(recovered, 0, wide)).toMatch(/ · 12 received · recovered 7 · 1 reconnect · p pause/);
    expect(statusLine(recovered, 0, { width: 110, pen })).toMatch(/ · 12 received · recovered 7 · 1 reconnect · p pause {2}q quit/);
    expect(statusLine(recovered, 0, { width: 95, pen })).toMatch(/ · 12 received · recovered 7 · p pause {2}q quit/);
    expect(statusLine(recovered, 0, { width: 80, pen })).toMatch(/ · 12 received · p pause/);
  });

  const KEYS = 'p pause  c change  s statistics  q quit  ? help';
  it.each([
    [100, status, `● connected to ws://127.0.0.1:8000 · 12 received · ${KEYS}`],
    [80, status, '● connected to ws://127.0.0.1:8000 · 12 received · p pause  q quit  ? keys'],
    [80, { ...status, reconnects: 1 }, '● connected to ws://127.0.0.1:8000 · 12 received · p pause  q quit  ? keys'],
    [62, status, '● connected to ws://127.0.0.1:8000 · 12 received · ? keys'],
    [100, { ...status, held: 3 }, '● connected to ws://127.0.0.1:8000 · paused, p go on · 3 held · 12 received · q quit  ? keys'],
    [80, { ...status, held: 3 }, '● connected to ws://127.0.0.1:8000 · paused, p go on · 3 held · q quit  ? keys'],
    [60, { ...status, held: 3 }, '● connected to ws://127.0.0.1:8000 · paused, p go on'],
  ])('at %d columns shows what can be done in a shorter form before it leaves it out', (width, shown, line) => {
    expect(statusLine(shown, 0, { width, pen })).toBe(line);
  });

  it.each([200, 80, 60, 40, 20, 5])('stays on one line of %d columns', (width) => {
    const line = statusLine({ ...status, held: 3, reconnects: 2 }, 0, { width, pen });
    expect(line.length).toBeLessThan(width);
    expect(line).toMatch(/^●/);
  });
});
