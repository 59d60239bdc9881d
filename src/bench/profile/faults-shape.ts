import { converted, duration, listOf, oneOf, optional, record, type Shape } from '../../document/index.js';
import type { PlannedFault } from '../load/load.js';
import { share } from './amount-shapes.js';

const FAULT = record(
  'Something that is broken in the hold, once or again and again',
  {
    kind: oneOf(
      'cut: lines end at once; half-open: they neither read nor answer, and are given up after `for`; restart: the broker that bench started ends',
      ['cut', 'half-open', 'restart'],
    ),
    at: optional(duration('When it happens first, from the start of the hold; without it after the first `every`')),
    every: optional(duration('How often it happens; without it once', { least: 100 })),
    share: optional(share('Of cut and half-open: part of the subscribers, chosen anew each time; 10% where it is left out')),
    for: optional(duration('How long until those who were hit come back, or the broker is started again; 1s where it is left out')),
    signal: optional(oneOf('Of restart: what the broker is sent; SIGKILL where it is left out', ['SIGKILL', 'SIGTERM'])),
  },
  { atLeastOne: [['at', 'every']] },
);

const DEFAULT_SHARE = 0.1;
const DEFAULT_FOR_MS = 1000;

/** Faults as they are written: `{ kind: cut, every: 2s, share: 10%, for: 2s }`. */
export const FAULTS: Shape<readonly PlannedFault[]> = listOf(
  'What is broken in the hold, to see what is lost by it',
  converted(
    withOwnMembers(),
    ({ kind, at, every, share: part = DEFAULT_SHARE, for: forMs = DEFAULT_FOR_MS, signal = 'SIGKILL' }): PlannedFault => {
      const times = { firstMs: at ?? every ?? 0, everyMs: every ?? null, forMs };
      return kind === 'restart' ? { kind, ...times, signal } : { kind, ...times, share: part };
    },
  ),
);

/** A share of a restart, or a signal to lines, would be read and mean nothing. */
function withOwnMembers(): typeof FAULT {
  return {
    ...FAULT,
    check(at, context) {
      const found = FAULT.check(at, context);
      if (found === undefined) return undefined;
      const stray = found.kind === 'restart' ? 'share' : 'signal';
      if (found[stray] === undefined) return found;
      context.complain({ message: `the member "${stray}" means nothing for a fault of kind ${found.kind}: leave it out`, place: at.place });
      return undefined;
    },
  };
}
