import { HOSTILE_KINDS, type Load } from '../load/load.js';
import { randomOf } from './random.js';
import { sharedUint8 } from './shared-arrays.js';

/** How many subscribers behave in each way of `HOSTILE_KINDS`: the share of all, rounded, and one at least of what is wanted at all. */
export function hostileCounts({ hostile, subscribers }: Pick<Load, 'hostile' | 'subscribers'>): number[] {
  return HOSTILE_KINDS.map((kind) => (hostile[kind] > 0 ? Math.max(1, Math.round(hostile[kind] * subscribers)) : 0));
}

/** How many subscribers behave well: deliveries are expected of them alone. Below 1 when the load asks for too many others. */
export function honestOf(load: Pick<Load, 'hostile' | 'subscribers'>): number {
  return load.subscribers - hostileCounts(load).reduce((sum, count) => sum + count, 0);
}

/**
 * Chooses who behaves badly: one in each of as many equal ranges of subscriber numbers as there are to be, so that
 * subscribers of any range, a thread's for one, get their part of each kind.
 * @returns for each subscriber 0 when it is honest, else 1 + index into `HOSTILE_KINDS`.
 * @throws RangeError when no honest subscriber would be left.
 */
export function chooseBehaviours(load: Pick<Load, 'hostile' | 'subscribers' | 'seed'>): Uint8Array {
  const { subscribers, seed } = load;
  const kinds = interleaved(hostileCounts(load));
  if (kinds.length > 0 && kinds.length >= subscribers) {
    throw new RangeError(`expected fewer hostile subscribers than the ${subscribers} of the load; found ${kinds.length}`);
  }
  const random = randomOf(seed, 'hostile subscribers');
  const behaviourOf = sharedUint8(subscribers);
  kinds.forEach((kind, range) => {
    const from = Math.floor((range * subscribers) / kinds.length);
    const to = Math.floor(((range + 1) * subscribers) / kinds.length);
    behaviourOf[from + Math.floor(random() * (to - from))] = 1 + kind;
  });
  return behaviourOf;
}

/** Each index as often as its count says, evenly mixed. */
function interleaved(counts: readonly number[]): number[] {
  return counts
    .flatMap((count, kind) => Array.from({ length: count }, (_, turn) => ({ kind, place: (turn + 0.5) / count })))
    .sort((one, other) => one.place - other.place)
    .map(({ kind }) => kind);
}
