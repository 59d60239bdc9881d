import { describe, expect, it } from 'vitest';
import { epochNumber, isPassedOver, type PassedOver } from '../../../src/bench/record/passed-over.js';

const A_TO_B: PassedOver = { after: { epoch: 'a', offset: 10 }, upTo: { epoch: 'b', offset: 3 } };
const WITHIN_A: PassedOver = { after: { epoch: 'a', offset: 10 }, upTo: { epoch: 'a', offset: 20 } };

function isTold(passedOver: readonly PassedOver[], epoch: string, offset: number): boolean {
  const board = { epochOf: Uint32Array.of(epoch === '' ? 0 : epochNumber(epoch)), offsetOf: Float64Array.of(offset) };
  return isPassedOver(passedOver, 0, board);
}

describe('what a broker said that it passed over', () => {
  it.each([
    ['what the subscriber had', [WITHIN_A], 'a', 10, false],
    ['the first after it', [WITHIN_A], 'a', 11, true],
    ['the head that was named', [WITHIN_A], 'a', 20, true],
    ['what came behind that', [WITHIN_A], 'a', 21, false],
    ['the rest of an epoch that is over', [A_TO_B], 'a', 11, true],
    ['what the subscriber had of that epoch', [A_TO_B], 'a', 10, false],
    ['the new epoch up to its head', [A_TO_B], 'b', 3, true],
    ['the new epoch behind it', [A_TO_B], 'b', 4, false],
    ['an epoch that began and ended meanwhile', [A_TO_B], 'm', 5, true],
    ['another epoch, when one alone was told of', [WITHIN_A], 'm', 5, false],
    ['what nobody knows the place of', [A_TO_B], '', 0, false],
    ['anything, when nothing was told', [], 'a', 11, false],
  ] as const)('is, or is not, %s', (_, passedOver, epoch, offset, expected) => {
    expect(isTold(passedOver, epoch, offset)).toBe(expected);
  });
});
