import { describe, expect, it } from 'vitest';
import { HeldLines } from '../../../src/commands/subscribe/held-lines.js';

const limits = { lines: 10, characters: 1000 };

describe('lines held during a pause', () => {
  it('come back once, in their order', () => {
    const held = new HeldLines(limits);
    held.add({ text: 'one' });
    held.add({ text: 'two' });
    expect(held.takeAll()).toEqual({ lines: [{ text: 'one' }, { text: 'two' }], dropped: 0 });
    expect(held.takeAll()).toEqual({ lines: [], dropped: 0 });
  });

  it('are bounded: the oldest are dropped, and counted', () => {
    const held = new HeldLines(limits);
    for (let index = 0; index < 1005; index++) held.add({ text: `line ${index}` });
    expect(held.count).toBe(1005);
    const { lines, dropped } = held.takeAll();
    expect(lines.length).toBeGreaterThanOrEqual(10);
    expect(lines.length).toBeLessThan(20);
    expect(dropped + lines.length).toBe(1005);
    expect(lines.at(-1)?.text).toBe('line 1004');
  });

  it('are bounded in their length together, too', () => {
    const held = new HeldLines(limits);
    for (let index = 0; index < 100; index++) held.add({ text: 'x'.repeat(300) });
    const { lines, dropped } = held.takeAll();
    expect(lines.length).toBeLessThanOrEqual(6);
    expect(dropped + lines.length).toBe(100);
  });

  it('keep the last one, however long it is', () => {
    const held = new HeldLines(limits);
    for (const text of ['a', 'b'.repeat(5000)]) held.add({ text });
    expect(held.takeAll()).toMatchObject({ lines: [{ text: 'b'.repeat(5000) }], dropped: 1 });
  });
});
