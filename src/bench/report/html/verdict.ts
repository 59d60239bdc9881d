import { markupText } from '../../../document/index.js';
import { integer, milliseconds, quantity, rate, UNKNOWN } from '../../numbers.js';
import type { BenchResult, Verdict } from '../../result/result.js';
import { changeText, describeVerdict } from '../wording.js';
import { type Cell, tableHtml } from './markup.js';

/** A mark beside each word: a colour alone tells nothing to many readers. */
const VERDICTS: Readonly<Record<Verdict, { readonly mark: string; readonly tone: 'good' | 'bad' | 'warn' }>> = {
  passed: { mark: '✓', tone: 'good' },
  failed: { mark: '✗', tone: 'bad' },
  regressed: { mark: '✗', tone: 'bad' },
  invalid: { mark: '!', tone: 'warn' },
  aborted: { mark: '!', tone: 'warn' },
};

/** `✓ passed`. */
export function verdictText({ verdict }: BenchResult): string {
  return `${VERDICTS[verdict].mark} ${verdict}`;
}

/** The verdict with its reasons, and the figures that most readers come for. */
export function headerHtml(result: BenchResult): string {
  const { verdict, because, url, startedAt, version, latencyMs, deliveries, notifications } = result;
  const figures = [
    ['p50', milliseconds(latencyMs.p50), 'ms'],
    ['p99', milliseconds(latencyMs.p99), 'ms'],
    ['max', milliseconds(latencyMs.max), 'ms'],
    ['deliveries', rate(deliveries.perSecond).replace(/\/s$/, ''), '/s'],
    ['notifications', rate(notifications.perSecond).replace(/\/s$/, ''), '/s'],
    ['lost', integer(deliveries.lost), `of ${integer(deliveries.expected)}`],
  ] as const;
  return `<header class="${VERDICTS[verdict].tone}">
<h1><span class="verdict">${VERDICTS[verdict].mark} ${describeVerdict(result)}</span> <span class="quiet">wsn bench</span></h1>
<p class="url">${markupText(url)}</p>
<p class="quiet">${markupText(startedAt)} · wsn ${markupText(version)}</p>
${because.length === 0 ? '' : `<ul>${because.map((reason) => `<li>${markupText(reason)}</li>`).join('')}</ul>\n`}</header>
<dl class="figures">
${figures.map(([name, value, unit]) => `<div><dt>${name}</dt><dd><b>${value}</b> <span class="quiet">${unit}</span></dd></div>`).join('\n')}
</dl>
`;
}

/** What was asked for; of what is always asked for, only what was missed has a row. */
export function thresholdsHtml({ thresholds }: BenchResult): string {
  const kept = thresholds.filter(({ isImplied, isPassed }) => isImplied && isPassed);
  const rows = thresholds
    .filter((outcome) => !kept.includes(outcome))
    .map(({ threshold, measured, unit, isPassed }): Cell[] => [
      threshold,
      quantity(measured, unit),
      isPassed ? { text: '✓ holds', tone: 'good' } : { text: '✗ missed', tone: 'bad' },
    ]);
  const table = tableHtml({
    caption: 'What was asked for, and what was measured',
    columns: [
      { title: 'threshold', holds: 'words' },
      { title: 'measured', holds: 'figures' },
      { title: 'outcome', holds: 'words' },
    ],
    rows,
  });
  const always = kept.map(({ threshold }) => `<code>${markupText(threshold)}</code>`).join(', ');
  return `<section>
<h2>Thresholds</h2>
${rows.length === 0 ? '' : table}${kept.length === 0 ? '' : `<p class="quiet">Always asked for, and held: ${always}.</p>\n`}</section>
`;
}

/** Empty without a baseline. */
export function regressionHtml({ regression }: BenchResult): string {
  if (regression === null) return '';
  const { baseline, rules } = regression;
  const rows = rules.map((outcome): Cell[] => [
    outcome.rule,
    quantity(outcome.before, outcome.unit),
    quantity(outcome.now, outcome.unit),
    changeText(outcome),
    outcome.margin === null ? UNKNOWN : `± ${quantity(outcome.margin, outcome.unit)}`,
    outcome.isRegression ? { text: '✗ regressed', tone: 'bad' } : { text: '✓ holds', tone: 'good' },
  ]);
  return `<section>
<h2>Against the baseline</h2>
<p>Compared with the run of ${markupText(baseline.startedAt)} by wsn ${markupText(baseline.version)}. Only a change that exceeds both the rule’s part and what chance may do is a regression.</p>
${tableHtml({
  caption: 'Rules of regression',
  columns: [
    { title: 'rule', holds: 'words' },
    { title: 'before', holds: 'figures' },
    { title: 'now', holds: 'figures' },
    { title: 'change', holds: 'figures' },
    { title: 'by chance', holds: 'figures' },
    { title: 'outcome', holds: 'words' },
  ],
  rows,
})}</section>
`;
}
