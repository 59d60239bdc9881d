import { describe, expect, it } from 'vitest';
import { HeldLines } from '../../src/commands/held-lines.js';

describe('lines held during a pause', () => {
  it('come back once, in their order', () => {
    const held = new HeldLines(10);
    held.add('one');
    held.add('two');
    expect(held.takeAll()).toEqual({ lines: ['one', 'two'], dropped: 0 });
    expect(held.takeAll()).toEqual({ lines: [], dropped: 0 });
  });

  it('are bounded: the oldest are dropped, and counted', () => {
    const held = new HeldLines(10);
    for (let index = 0; index < 1005; index++) held.add(`line ${index}`);
    expect(held.count).toBe(1005);
    const { lines, dropped } = held.takeAll();
    expect(lines.length).toBeGreaterThanOrEqual(10);
    expect(lines.length).toBeLessThan(20);
    expect(dropped + lines.length).toBe(1005);
    expect(lines.at(-1)).toBe('line 1004');
  });
});
