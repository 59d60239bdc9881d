import { describe, expect, it } from 'vitest';
import { Canaries } from '../../../src/bench/traffic/canaries.js';

describe('canaries', () => {
  it('are published behind the notifications of the load, one to each channel', () => {
    const canaries = new Canaries(100);
    const published: number[] = [];
    void canaries.send(1, [7, 9], (index) => published.push(index));
    expect(published.map((index) => canaries.of(index))).toEqual([
      { round: 1, channel: 7 },
      { round: 1, channel: 9 },
    ]);
    expect(published.every((index) => index >= 100)).toBe(true);
    expect(canaries.of(99)).toBeUndefined();
  });

  it('are all sent when each is answered, and say which were refused', async () => {
    const canaries = new Canaries(100);
    const sent = canaries.send(1, [7, 9], () => {});
    expect(canaries.settle(42)).toBe(false);
    expect(canaries.settle(100)).toBe(true);
    expect(canaries.settle(101, 'not you')).toBe(true);
    await sent;
    expect(canaries.takeRefused()).toEqual({ count: 1, first: 'not you' });
    expect(canaries.takeRefused()).toEqual({ count: 0, first: null });
  });

  it('are all sent at once when there are none', async () => {
    await expect(new Canaries(0).send(1, [], () => {})).resolves.toBeUndefined();
  });
});
