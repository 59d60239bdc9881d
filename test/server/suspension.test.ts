import { expect, it } from 'vitest';
import { Suspension } from '../../src/server/suspension.js';

/** A suspension that writes down what happens, and what ends its work. */
function suspended() {
  const happened: string[] = [];
  const suspension = new Suspension({
    began: () => {},
    over: () => happened.push('over'),
    failed: () => happened.push('failed'),
  });
  const begin = (): ((act: () => void) => void) => {
    let done = (_: () => void): void => {};
    suspension.begin((given) => {
      done = given;
    });
    return done;
  };
  return { suspension, happened, begin };
}

it('what comes up while waiting messages take effect goes behind them (R-2.8)', () => {
  const { suspension, happened, begin } = suspended();
  const done = begin();
  suspension.inTurn(() => happened.push('B'));
  done(() => {
    happened.push('A');
    suspension.inTurn(() => happened.push('C'));
  });
  expect(happened).toEqual(['A', 'B', 'C', 'over']);
});

it('what waits stays in its order when one of them has to be waited for again (R-2.8)', () => {
  const { suspension, happened, begin } = suspended();
  const done = begin();
  let again = (_: () => void): void => {};
  suspension.inTurn(() => {
    again = begin();
    suspension.inTurn(() => happened.push('D'));
  });
  suspension.inTurn(() => happened.push('C'));
  done(() => happened.push('A'));
  expect(happened).toEqual(['A']);
  again(() => happened.push('B'));
  expect(happened).toEqual(['A', 'B', 'C', 'D', 'over']);
});

it('one that throws is told of, and holds nobody up (R-2.8)', () => {
  const { suspension, happened, begin } = suspended();
  const done = begin();
  done(() => {
    throw new Error('a bug');
  });
  suspension.inTurn(() => happened.push('next'));
  expect(happened).toEqual(['failed', 'next']);
  expect(suspension.isOn).toBe(false);
});
