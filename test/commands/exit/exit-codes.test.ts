import { expect, it } from 'vitest';
import { EXIT, endedBy } from '../../../src/commands/exit/exit-codes.js';

it.each([
  ['SIGHUP', EXIT.hungUp, 129],
  ['SIGINT', EXIT.interrupted, 130],
  ['SIGTERM', EXIT.terminated, 143],
] as const)('a process that %s ended has the exit code that shells report', (signal, named, code) => {
  expect([endedBy(signal), named]).toEqual([code, code]);
});
