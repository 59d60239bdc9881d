import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type DisplayStream, openBenchDisplay } from '../../../src/commands/bench/bench-display.js';
import { IN_HOLD, IN_RAMP, IN_TROUBLE } from '../../bench/report/progress-fixture.js';

/** How log-update begins what is to appear at once. */
const FRAME = '\u001b[?2026h';

interface Sink extends DisplayStream {
  /** All that was written. */
  readonly written: () => string;
}

function sink({ isTTY = false, columns = 80, rows = 24 } = {}): Sink {
  let written = '';
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, callback) {
      written += chunk;
      callback();
    },
  });
  return Object.assign(stream, { isTTY, columns, rows, written: () => written }) as Sink;
}

/** What a terminal shows that was sent `written`, and in which line its cursor is. */
function shown(written: string): { lines: string[]; cursor: number } {
  const lines = [''];
  let row = 0;
  // biome wants no control characters in a pattern, and this is about them.
  const piece = new RegExp(`${String.fromCharCode(27)}\\[([0-9;?]*)([A-Za-z])|\\n|[^\\n${String.fromCharCode(27)}]+`, 'g');
  for (const [text, argument = '', command] of written.matchAll(piece)) {
    if (command === 'A') row -= Number(argument || 1);
    else if (command === 'B') row += Number(argument || 1);
    else if (command === 'K' && argument === '2') lines[row] = '';
    else if (command === undefined && text === '\n') row++;
    else if (command === undefined) lines[row] = text;
    lines[row] ??= '';
  }
  return { lines: lines.filter((line) => line !== ''), cursor: row };
}

beforeEach(() => {
  vi.stubEnv('NO_COLOR', '1');
  vi.stubEnv('TERM', 'xterm-256color');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

describe('openBenchDisplay on a terminal', () => {
  it('draws the latest in place, lines above it stay, and nothing of the screen is left at the end', async () => {
    const stream = sink({ isTTY: true });
    const display = await openBenchDisplay(stream, true);
    display.update(IN_RAMP);
    vi.advanceTimersByTime(100);
    expect(shown(stream.written()).lines[0]).toBe('● ramp · ○ warm-up · ○ hold · ○ drain');
    display.tell('a line that stays');
    display.update(IN_HOLD);
    vi.advanceTimersByTime(100);
    expect(shown(stream.written()).lines.slice(0, 2)).toEqual(['a line that stays', '✓ ramp · ✓ warm-up · ● hold · ○ drain']);
    display.end();
    display.end();
    display.update(IN_RAMP);
    vi.advanceTimersByTime(1000);
    expect(shown(stream.written())).toEqual({ lines: ['a line that stays'], cursor: 1 });
  });

  it('draws at most ten times a second, and the last of what it is told', async () => {
    const stream = sink({ isTTY: true });
    const display = await openBenchDisplay(stream, true);
    for (let ms = 0; ms < 1000; ms += 5) {
      display.update({ ...IN_HOLD, delivered: ms });
      vi.advanceTimersByTime(5);
    }
    vi.advanceTimersByTime(100);
    expect(stream.written().split(FRAME).length - 1).toBeLessThanOrEqual(11);
    expect(shown(stream.written()).lines.join('\n')).toContain('19,003/s · 995 in all');
    display.end();
  });

  it.each([
    [20, 6],
    [80, 2],
  ])('neither wraps nor scrolls at %d columns and %d rows', async (columns, rows) => {
    const stream = sink({ isTTY: true, columns, rows });
    const display = await openBenchDisplay(stream, true);
    display.title('trial 4: 8,000/s');
    display.update(IN_TROUBLE);
    vi.advanceTimersByTime(100);
    const { lines, cursor } = shown(stream.written());
    expect(cursor).toBeLessThan(rows);
    for (const line of lines) expect(line.length).toBeLessThan(columns);
    display.end();
  });

  it.each([
    ['with --no-color', '', false],
    ['with NO_COLOR', '1', true],
  ])('has no colours %s', async (_, noColor, isWanted) => {
    vi.stubEnv('NO_COLOR', noColor);
    const stream = sink({ isTTY: true });
    const display = await openBenchDisplay(stream, isWanted);
    display.update(IN_TROUBLE);
    vi.advanceTimersByTime(100);
    expect(stream.written()).not.toContain('\u001b[31m');
    display.end();
  });
});

describe('openBenchDisplay where there is no terminal', () => {
  it('writes a line at each new phase and every 10 s, without escapes', async () => {
    const stream = sink();
    const display = await openBenchDisplay(stream, true);
    for (let ms = 0; ms < 25_000; ms += 100) {
      display.update(ms < 1000 ? IN_RAMP : { ...IN_HOLD, elapsedMs: ms });
      vi.advanceTimersByTime(100);
    }
    display.end();
    const lines = stream.written().trimEnd().split('\n');
    expect(lines.map((line) => line.slice(0, 11))).toEqual(['ramp 400 ms', 'hold 1 s of', 'hold 11 s o', 'hold 21 s o']);
    expect(stream.written()).not.toContain('\u001b');
  });

  it('writes lines to a terminal that cannot move its cursor, too', async () => {
    vi.stubEnv('TERM', 'dumb');
    const stream = sink({ isTTY: true });
    const display = await openBenchDisplay(stream, true);
    display.update(IN_RAMP);
    vi.advanceTimersByTime(100);
    display.end();
    expect(stream.written()).toMatch(/^ramp 400 ms[^\n]*\n$/);
    expect(stream.written()).not.toContain('\u001b');
  });

  it('begins anew with each title, and writes at once what it is told to', async () => {
    const stream = sink();
    const display = await openBenchDisplay(stream, true);
    for (const title of ['trial 1: 1,000/s', 'trial 2: 2,000/s']) {
      display.title(title);
      display.update(IN_HOLD);
      display.update(IN_HOLD);
      display.tell('held');
    }
    expect(
      stream
        .written()
        .split('\n')
        .map((line) => line.slice(0, 22)),
    ).toEqual(['trial 1: 1,000/s: hold', 'held', 'trial 2: 2,000/s: hold', 'held', '']);
  });
});
