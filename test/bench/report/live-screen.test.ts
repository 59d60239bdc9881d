import { Chalk } from 'chalk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { liveLine } from '../../../src/bench/report/live-line.js';
import { liveScreen } from '../../../src/bench/report/live-screen.js';
import { IN_FAULTS, IN_HOLD, IN_RAMP, IN_TROUBLE } from './progress-fixture.js';

const PLAIN = { pen: new Chalk({ level: 0 }), columns: 80, rows: 24, title: undefined };
const COLOURED = { ...PLAIN, pen: new Chalk({ level: 1 }) };

describe('liveScreen', () => {
  it('shows the phases, what is left of this one, and all figures', () => {
    expect(liveScreen(IN_HOLD, PLAIN).split('\n')).toEqual([
      '✓ ramp · ✓ warm-up · ● hold · ○ drain',
      'hold         ━━━━━━━━━━━━━━━━━━━━━━━━━───────────────  3.8 s left',
      'subscribers  1,900 of 2,000 ready · 2,000 connected · 0 failed',
      'sent         7,200 of 11,000 · 0 late',
      'deliveries   ▁▃▅████ · 19,003/s · 136,762 in all',
      'under way    38',
      'latency, ms       p50     p99     max',
      'last second      0.87    2.31    7.22',
      'all              0.87    2.36    61.4',
      'faults       0 lost · 0 misdelivered · 0 corrupt · 0 duplicated · 0 reordered',
      'generator    healthy · loop 2.10 ms · CPU 38 % · unread 0.40 ms',
    ]);
  });

  it('says what is not known yet', () => {
    const lines = liveScreen(IN_RAMP, PLAIN).split('\n');
    expect(lines).toContain('● ramp · ○ warm-up · ○ hold · ○ drain');
    expect(lines).toContain('ramp         400 ms');
    expect(lines).toContain('subscribers  640 of 2,000 ready · 812 connected · 0 failed');
    expect(lines).toContain('last second         –');
  });

  it('shows who is away and what was recovered, where the load has faults', () => {
    expect(liveScreen(IN_FAULTS, PLAIN).split('\n')).toContain('recovery     190 away · 1,710 recovered');
    expect(liveLine(IN_FAULTS)).toContain(', 190 away, 1,710 recovered');
    const refused = { ...IN_FAULTS, recovery: { away: 0, recovered: 0, repeated: 2, unrecovered: 1 } };
    expect(liveLine(refused)).toContain(', 0 away, 0 recovered, 1 resume refused, 2 repeated');
    expect(liveScreen(IN_HOLD, PLAIN)).not.toContain('recovery');
  });

  it('has what is wrong first and in red', () => {
    const lines = liveScreen(IN_TROUBLE, COLOURED).split('\n');
    const red = (text: string) => `\u001b[31m${text}\u001b[39m`;
    expect(lines.find((line) => line.startsWith('faults'))).toContain(
      `faults       ${red('3 misdelivered')} · ${red('12 duplicated')} · \u001b[2m0 lost`,
    );
    expect(lines.find((line) => line.startsWith('generator'))).toBe(`generator    ${red('event loop 312 ms')} · loop 312 ms · CPU 97 %`);
    expect(lines.find((line) => line.startsWith('sent'))).toContain(red('12 late'));
    expect(lines.find((line) => line.startsWith('subscribers'))).toContain(red('3 failed'));
    expect(liveScreen(IN_HOLD, COLOURED)).not.toContain('\u001b[31m');
  });

  it('keeps what matters most on a short and narrow terminal', () => {
    expect(liveScreen(IN_HOLD, { ...PLAIN, columns: 20, rows: 6 }).split('\n')).toEqual([
      'hold 3.8 s left',
      'sent 7,200 of 11,0…',
      'deliveries 19,003/s',
      'faults 0 lost',
      'generator healthy',
    ]);
  });

  it('shows no latencies without the headings above them', () => {
    for (let rows = 2; rows <= 24; rows++) {
      const text = liveScreen(IN_HOLD, { ...PLAIN, columns: 40, rows });
      expect(text.includes('last second'), `${rows} rows`).toBe(text.includes('p50'));
      if (text.includes('\nall ')) expect(text).toContain('p50');
    }
  });

  it('begins with the title of a run that is one of several', () => {
    expect(liveScreen(IN_HOLD, { ...PLAIN, title: 'trial 4: 8,000/s' })).toMatch(/^trial 4: 8,000\/s\n✓ ramp/);
  });

  it('is narrower than the terminal and has fewer lines than it has rows, always', () => {
    const progress = fc.constantFrom(IN_HOLD, IN_RAMP, IN_TROUBLE);
    const title = fc.constantFrom(undefined, 'trial 4: 8,000/s');
    fc.assert(
      fc.property(progress, title, fc.integer({ min: 2, max: 130 }), fc.integer({ min: 2, max: 30 }), (of, name, columns, rows) => {
        const lines = liveScreen(of, { ...PLAIN, columns, rows, title: name }).split('\n');
        expect(lines.length).toBeLessThan(rows);
        for (const line of lines) expect(line.length).toBeLessThan(columns);
      }),
    );
  });
});

describe('liveLine', () => {
  it('says in one line how far a run is', () => {
    expect(liveLine(IN_RAMP)).toBe('ramp 400 ms: 640 of 2,000 ready, 812 connected, 0 failed');
    expect(liveLine(IN_HOLD)).toBe(
      'hold 6.2 s of 10 s: sent 7,200 of 11,000, delivered 136,762 (19,003/s), under way 38, p50 0.87 ms, p99 2.36 ms',
    );
  });

  it('adds what is wrong, and has the title in front', () => {
    expect(liveLine(IN_TROUBLE, 'trial 4: 8,000/s')).toMatch(
      /^trial 4: 8,000\/s: hold .*, 3 misdelivered, 12 duplicated, generator: event loop 312 ms$/,
    );
  });
});
