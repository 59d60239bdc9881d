import { describe, expect, it } from 'vitest';
import { Blocker } from '../../../src/bench/traffic/blocker.js';
import { sendOnTime } from '../../../src/bench/traffic/send-on-time.js';

function everyMs(gap: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, index) => index * gap);
}

describe('sending on time', () => {
  it.each([
    ['turning the event loop', {}],
    ['blocking the thread', { block: new Blocker().block }],
  ])('sends each in order, none before its planned moment, while it waits by %s', async (_, waiting) => {
    const plannedMs = everyMs(2, 40);
    const start = performance.now();
    const now = () => performance.now() - start;
    const sent: { index: number; at: number }[] = [];
    await sendOnTime({ plannedMs, now, send: (index) => sent.push({ index, at: now() }), isOver: () => false, ...waiting });
    expect(sent.map(({ index }) => index)).toEqual(Array.from({ length: 40 }, (_, index) => index));
    for (const { index, at } of sent) expect(at).toBeGreaterThanOrEqual(plannedMs[index] as number);
  });

  it('leaves none out after the time has jumped', async () => {
    const times = [0, 0, 500];
    const now = () => times.shift() ?? 1000;
    const sent: number[] = [];
    await sendOnTime({ plannedMs: everyMs(1, 600), now, send: (index) => sent.push(index), isOver: () => false });
    expect(sent).toEqual(Array.from({ length: 600 }, (_, index) => index));
  });

  it('lets the event loop turn while it catches up', async () => {
    let sent = 0;
    let sentAtFirstTurn: number | undefined;
    setImmediate(() => {
      sentAtFirstTurn = sent;
    });
    await sendOnTime({ plannedMs: everyMs(1, 1000), now: () => 1e6, send: () => sent++, isOver: () => false });
    expect(sent).toBe(1000);
    expect(sentAtFirstTurn).toBeLessThan(1000);
  });

  it('ends when it is over', async () => {
    let sent = 0;
    await sendOnTime({ plannedMs: everyMs(1, 100_000), now: () => 1e9, send: () => sent++, isOver: () => sent >= 100 });
    expect(sent).toBeLessThan(200);
  });
});
