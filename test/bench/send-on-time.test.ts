import { describe, expect, it } from 'vitest';
import { constantRate } from '../../src/bench/pacer.js';
import { sendOnTime } from '../../src/bench/send-on-time.js';

describe('sending on time', () => {
  it('sends each in order, none before its planned moment', async () => {
    const pacer = constantRate(500, 40);
    const start = performance.now();
    const now = () => performance.now() - start;
    const sent: { index: number; at: number }[] = [];
    await sendOnTime({ pacer, now, send: (index) => sent.push({ index, at: now() }), isOver: () => false });
    expect(sent.map(({ index }) => index)).toEqual(Array.from({ length: 40 }, (_, index) => index));
    for (const { index, at } of sent) expect(at).toBeGreaterThanOrEqual(pacer.plannedAt(index));
  });

  it('leaves none out after the time has jumped', async () => {
    const times = [0, 0, 500];
    const now = () => times.shift() ?? 1000;
    const sent: number[] = [];
    await sendOnTime({ pacer: constantRate(1000, 600), now, send: (index) => sent.push(index), isOver: () => false });
    expect(sent).toEqual(Array.from({ length: 600 }, (_, index) => index));
  });

  it('lets the event loop turn while it catches up', async () => {
    let sent = 0;
    let sentAtFirstTurn: number | undefined;
    setImmediate(() => {
      sentAtFirstTurn = sent;
    });
    await sendOnTime({ pacer: constantRate(1000, 1000), now: () => 1e6, send: () => sent++, isOver: () => false });
    expect(sent).toBe(1000);
    expect(sentAtFirstTurn).toBeLessThan(1000);
  });

  it('ends when it is over', async () => {
    let sent = 0;
    await sendOnTime({ pacer: constantRate(1000, 1e6), now: () => 1e9, send: () => sent++, isOver: () => sent >= 100 });
    expect(sent).toBeLessThan(200);
  });
});
