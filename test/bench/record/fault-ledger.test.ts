import { expect, it } from 'vitest';
import { FaultLedger } from '../../../src/bench/record/fault-ledger.js';

it('faults are counted by channel and apart for the hold, also those that other threads have found', () => {
  const one = new FaultLedger();
  one.add('duplicated', 3, true);
  one.add('duplicated', 3, false);
  const other = new FaultLedger();
  other.add('duplicated', 3, true);
  other.add('corrupt', -1, true);
  one.addAll(other.all);
  expect(one.all).toEqual([
    { channel: 3, isMeasured: true, counts: { duplicated: 2, misdelivered: 0, reordered: 0, corrupt: 0 } },
    { channel: 3, isMeasured: false, counts: { duplicated: 1, misdelivered: 0, reordered: 0, corrupt: 0 } },
    { channel: -1, isMeasured: true, counts: { duplicated: 0, misdelivered: 0, reordered: 0, corrupt: 1 } },
  ]);
});
