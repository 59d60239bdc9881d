import { describe, expect, it } from 'vitest';
import { offsetAtEnd, positionStart } from '../../../src/bench/traffic/read-position.js';

function offsetIn(text: string, epoch = 'k"3'): number {
  const bytes = Buffer.from(`xx${text}yy`);
  return offsetAtEnd(bytes, { start: 2, end: bytes.length - 2 }, positionStart(epoch));
}

describe('the offset at the end of a delivery', () => {
  it.each([0, 7, 120, 9_007_199_254_740_991])('is read: %s', (offset) => {
    const text = JSON.stringify({ sender: 'server', notification: {}, position: { epoch: 'k"3', offset } });
    expect(offsetIn(text)).toBe(offset);
  });

  it.each([
    ['another epoch', '{"position":{"a":1},"position":{"epoch":"k4","offset":12}}'],
    ['another order', '{"a":1,"position":{"offset":12,"epoch":"k3"}}'],
    ['no digits', '{"a":1,"position":{"epoch":"k\\"3","offset":}}'],
    ['something behind it', '{"a":1,"position":{"epoch":"k\\"3","offset":12},"b":1}'],
    ['no position', '{"sender":"server","mark":[]}'],
    ['next to nothing', '5}}'],
    ['nothing', ''],
  ])('is not there with %s', (_, text) => {
    expect(offsetIn(text)).toBe(-1);
  });
});
