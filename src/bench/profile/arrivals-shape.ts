import { converted, either, integer, listOf, number, optional, orVariable, record, type Shape, scalar } from '../../document/index.js';
import { type Arrivals, DEFAULT_WINDOW, type Spread } from '../load/load.js';

const rate = (about: string) => number(`${about}, in notifications a second`, { least: 0.1, most: 200_000 });

/** One word, beside which there is something else to write. */
const word = <const W extends string>(about: string, only: W, other: string): Shape<W> =>
  scalar(`${only}, or ${other}`, {
    read: (value) => (value === only ? only : undefined),
    schema: orVariable(about, { enum: [only] }),
  });

const PLAN = record(
  'One plan and its rate',
  {
    constant: optional(rate('One after the other in equal distances')),
    poisson: optional(rate('At random moments, independent of each other')),
    ramp: optional(listOf('The rate changes evenly over the hold, from the first to the second', rate('A rate'), { least: 2, most: 2 })),
    steps: optional(listOf('The hold has as many equal parts, each with its rate', rate('A rate'), { least: 1, most: 1000 })),
    max: optional(integer('As fast as can be, with so many under way', { least: 1, most: 1_000_000 })),
  },
  { exactlyOne: [['constant', 'poisson', 'ramp', 'steps', 'max']] },
);

/** When notifications are sent: `max`, or a map of one plan and its rate. */
export const ARRIVALS: Shape<Arrivals> = converted(
  either('When notifications are sent', {
    scalar: word(`As fast as can be, with ${DEFAULT_WINDOW} under way`, 'max', '{ constant: 100 }'),
    map: PLAN,
  }),
  (found): Arrivals => {
    if (found === 'max') return { kind: 'max', window: DEFAULT_WINDOW };
    const { constant, poisson, ramp: [from = 0, to = 0] = [], steps, max } = found;
    if (constant !== undefined) return { kind: 'constant', rate: constant };
    if (poisson !== undefined) return { kind: 'poisson', rate: poisson };
    if (steps !== undefined) return { kind: 'steps', rates: steps };
    return max === undefined ? { kind: 'ramp', from, to } : { kind: 'max', window: max };
  },
);

/** Which channels are chosen how often: `uniform`, or `{ zipf: 1.1 }`. */
export function spread(about: string): Shape<Spread> {
  const shape = either(about, {
    scalar: word('Each alike', 'uniform', 'zipf with its exponent, { zipf: 1.1 }'),
    map: record('Some much more often than others', {
      zipf: number('The exponent: the k-th channel has the weight 1 / k^exponent', { least: 0.01, most: 10 }),
    }),
  });
  return converted(shape, (found): Spread => (found === 'uniform' ? { kind: 'uniform' } : { kind: 'zipf', exponent: found.zipf }));
}
