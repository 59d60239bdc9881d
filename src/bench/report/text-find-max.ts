import { integer, milliseconds, rate } from '../numbers.js';
import type { FindMaxResult, Trial } from '../result/find-max-result.js';
import { wrap } from './columns.js';
import type { ReportStyle } from './style.js';
import { table } from './table.js';
import { renderText } from './text.js';

/** What keeps the rate from being higher. */
const LIMITED_BY: Readonly<Record<FindMaxResult['limitedBy'], string>> = {
  broker: 'the broker: at a higher rate it missed the goal',
  generator: 'the generator: at a higher rate it was past one of its limits, so the broker may well do more',
  bound: "the search's own bound: the broker may well do more",
  interrupted: 'an interruption: the broker may well do more',
};

/** The search for people, ending with a line break: the run at the rate that was found, every trial, and the rate. */
export function renderFindMax(result: FindMaxResult, style: ReportStyle): string {
  const { pen, safe, columns } = style;
  const { highestRate, best, trials, goal, limitedBy } = result;
  const answer = wrap(`${foundText(result)} ${safe(goal.join(', '))}`, columns, 2);
  const why = wrap(`limited by ${LIMITED_BY[limitedBy]}`, columns - 2);
  return [
    ...(best === null ? [] : [renderText(best, style)]),
    ...(trials.length === 0 ? [] : [...trialLines(trials, style), '']),
    ...answer.map((line) => pen.bold(highestRate === null ? pen.red(line) : pen.green(line))),
    ...why.map((line) => `  ${pen.dim(line)}`),
    '',
  ].join('\n');
}

function foundText({ highestRate, trials }: FindMaxResult): string {
  if (highestRate !== null) return `${rate(highestRate)} is the highest rate that holds`;
  const isOpen = trials.every(({ outcome }) => outcome === 'held'); // also of none
  return isOpen ? 'the search ended before a rate was known to hold' : 'no rate that was tried held';
}

/** A row for each, and below them why those that did not hold did not. */
function trialLines(trials: readonly Trial[], style: ReportStyle): string[] {
  const { pen, safe, columns } = style;
  const reasons = trials.flatMap(({ rate: tried, because }) => (because === null ? [] : [`${rate(tried)}: ${safe(because)}`]));
  return [
    pen.bold('Trials'),
    ...table(
      [
        { heading: '', cells: trials.map((trial) => mark(trial, style)), align: 'left' },
        { heading: 'rate', cells: trials.map((trial) => rate(trial.rate)), align: 'right' },
        { heading: 'p50 ms', cells: trials.map(({ p50Ms }) => milliseconds(p50Ms)), align: 'right', dispensable: 1 },
        { heading: 'p99 ms', cells: trials.map(({ p99Ms }) => milliseconds(p99Ms)), align: 'right' },
        { heading: 'lost', cells: trials.map(({ lost }) => (lost === 0 ? '0' : pen.red(integer(lost)))), align: 'right' },
        { heading: '', cells: trials.map(({ outcome }) => outcome), align: 'left' },
      ],
      columns,
      pen.dim,
    ),
    ...reasons.flatMap((reason) => wrap(reason, columns - 2, 2).map((line) => `  ${pen.dim(line)}`)),
  ];
}

function mark({ outcome }: Trial, { pen }: ReportStyle): string {
  if (outcome === 'held') return pen.green('✓');
  return outcome === 'missed' ? pen.red('✗') : pen.yellow('!');
}
