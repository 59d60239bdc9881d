import { type Arrivals, DEFAULT_LOAD, DEFAULT_RATE, DEFAULT_WINDOW } from '../../bench/load/load.js';
import type { BenchFlags } from '../bench.js';
import { UsageError } from '../exit/usage-error.js';
import { readRate, readWindow } from './load-flags.js';

const KINDS = ['constant', 'poisson', 'ramp', 'steps', 'max'] as const;

type Kind = (typeof KINDS)[number];

/**
 * Reads `--arrivals`, `--rate` and `--window`, which go together.
 * @param before what the file says: an option that is left out keeps its part of it, where that still makes sense.
 * @throws UsageError when they do not fit together.
 */
export function readArrivalsFlags(
  { arrivals, rate, window }: Pick<BenchFlags, 'arrivals' | 'rate' | 'window'>,
  before: Arrivals = DEFAULT_LOAD.arrivals,
): Arrivals {
  const given = rate === undefined ? undefined : readRate(rate);
  const kind = arrivals === undefined ? given && kindFor(given, before) : readKind(arrivals);
  if (window !== undefined && (kind ?? before.kind) !== 'max')
    throw new UsageError(`--window ${window} means something only with --arrivals max`);
  if (kind === 'max' && rate !== undefined)
    throw new UsageError(`--rate ${rate} means nothing with --arrivals max: that sends as fast as can be`);
  switch (kind) {
    case undefined:
      return window === undefined ? before : readWindow(window);
    case 'max':
      if (window !== undefined) return readWindow(window);
      return before.kind === 'max' ? before : { kind, window: DEFAULT_WINDOW };
    case 'constant':
    case 'poisson':
      return { kind, rate: oneRate(kind, rate, given ?? before) };
    case 'ramp':
      if (given?.kind === 'ramp') return given;
      if (given === undefined && before.kind === 'ramp') return before;
      throw new UsageError(`--arrivals ramp needs the first and the last rate, such as --rate 100..2000${found(rate)}`);
    case 'steps':
      if (given?.kind === 'steps') return given;
      if (given === undefined && before.kind === 'steps') return before;
      throw new UsageError(`--arrivals steps needs the rates, such as --rate 100,200,400${found(rate)}`);
  }
}

/** A plain rate goes with `poisson` as well, and stays one where the file has it. */
function kindFor(given: Arrivals, before: Arrivals): Kind {
  return given.kind === 'constant' && before.kind === 'poisson' ? 'poisson' : given.kind;
}

function readKind(text: string): Kind {
  const kind = KINDS.find((known) => known === text);
  if (kind !== undefined) return kind;
  throw new UsageError(`--arrivals ${text}: expected one of ${KINDS.join(', ')}`);
}

function oneRate(kind: Kind, rate: string | undefined, from: Arrivals): number {
  if (from.kind === 'constant' || from.kind === 'poisson') return from.rate;
  if (rate === undefined) return DEFAULT_RATE;
  throw new UsageError(`--arrivals ${kind} has one rate, such as --rate 100${found(rate)}`);
}

function found(rate: string | undefined): string {
  return rate === undefined ? '' : `; found --rate ${rate}`;
}
