import { describe, expect, it } from 'vitest';
import { completeProfile } from '../../../src/bench/profile/complete-profile.js';
import { errorsOf, read } from './reading.js';

const faultsOf = (text: string) => completeProfile([read(text)], 1).load.faults;

describe('the faults of a load', () => {
  it('are what a file says, with defaults for the rest', () => {
    const text = `faults:
  - { kind: cut, every: 2s, share: 5%, for: 500ms }
  - { kind: half-open, at: 0s, every: 4s }
  - { kind: restart, at: 1s, signal: SIGTERM }
  - { kind: restart, at: 3s }`;
    expect(faultsOf(text)).toEqual([
      { kind: 'cut', firstMs: 2000, everyMs: 2000, share: 0.05, forMs: 500 },
      { kind: 'half-open', firstMs: 0, everyMs: 4000, share: 0.1, forMs: 1000 },
      { kind: 'restart', firstMs: 1000, everyMs: null, signal: 'SIGTERM', forMs: 1000 },
      { kind: 'restart', firstMs: 3000, everyMs: null, signal: 'SIGKILL', forMs: 1000 },
    ]);
  });

  it.each(['subscribers: 3', 'faults: []'])('are no member of a load that has none: %s', (text) => {
    expect(completeProfile([read(text)], 1).load).not.toHaveProperty('faults');
  });

  it.each([
    ['{ kind: cut }', 'found none of "at" and "every", expected one of them'],
    ['{ kind: cut, at: 1s, signal: SIGKILL }', 'the member "signal" means nothing for a fault of kind cut: leave it out'],
    ['{ kind: restart, at: 1s, share: 5% }', 'the member "share" means nothing for a fault of kind restart: leave it out'],
    ['{ kind: crash, at: 1s }', 'expected one of cut, half-open, restart'],
    ['{ kind: cut, every: 10ms }', 'expected a duration such as 300ms or 2s, of at least 100ms'],
    ['{ kind: restart, at: 1s, signal: SIGHUP }', 'expected one of SIGKILL, SIGTERM'],
  ])('are refused with a reason: %s', (fault, reason) => {
    expect(errorsOf(`faults:\n  - ${fault}`)).toContain(reason);
  });
});
