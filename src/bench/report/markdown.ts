import { integer, milliseconds, quantity, rate } from '../numbers.js';
import type { BenchResult, Distribution } from '../result/result.js';
import { codeCell, codeSpan, markdownTable, markdownText } from './markdown-text.js';
import { recoveryRows } from './recovery-text.js';
import { settingsLines } from './settings-text.js';
import { mishapsOf } from './text-remarks.js';
import { changeText, checkFigures, checkName, describeVerdict, FAULTS } from './wording.js';

const MARKS = { passed: '✅', failed: '❌', regressed: '❌', invalid: '⚠️', aborted: '⚠️' } as const;
const PERCENTILES = ['p50', 'p90', 'p99', 'p999', 'max'] as const;
const HEADINGS = { p50: 'p50', p90: 'p90', p99: 'p99', p999: 'p99.9', max: 'max' } as const;

/**
 * The result as GitHub's Markdown, for the summary of a CI job, ending with a line break: verdict and reasons, thresholds,
 * deliveries, percentiles, the comparison with the baseline. What others said cannot break out of its place.
 */
export function renderMarkdown(result: BenchResult): string {
  const blocks = [
    `## ${MARKS[result.verdict]} wsn bench: ${describeVerdict(result)}`,
    list(result.because.map(markdownText)),
    settingsLines(result).map(markdownText).join('<br>\n'),
    thresholds(result),
    regression(result),
    deliveries(result),
    recovery(result),
    times(result),
    pastLimits(result),
    list([...mishapsOf(result).map(({ what, first }) => `${what}, the first: ${codeSpan(first)}`), ...result.notes.map(markdownText)]),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function thresholds({ thresholds: all, verdict }: BenchResult): string {
  const mark = (isPassed: boolean) => (verdict === 'invalid' ? '–' : isPassed ? '✅' : '❌');
  return section('Thresholds', {
    headings: ['', 'threshold', 'measured'],
    rows: all.map(({ threshold, measured, unit, isPassed }) => [mark(isPassed), codeCell(threshold), quantity(measured, unit)]),
  });
}

function regression({ regression: compared }: BenchResult): string {
  if (compared === null) return '';
  const { baseline, rules } = compared;
  return section(`Compared with the baseline of ${markdownText(baseline.startedAt)}`, {
    headings: ['', 'a regression if', 'before', 'now', 'change', 'by chance'],
    rows: rules.map((outcome) => [
      outcome.isRegression ? '❌' : '✅',
      codeCell(outcome.rule),
      quantity(outcome.before, outcome.unit),
      quantity(outcome.now, outcome.unit),
      changeText(outcome),
      (outcome.margin ?? 0) === 0 ? '' : `±${quantity(outcome.margin, outcome.unit)}`,
    ]),
  });
}

function deliveries({ deliveries: counts, notifications, connections }: BenchResult): string {
  const faults = FAULTS.map((fault) => [fault, bad(counts[fault])]);
  return section('Deliveries', {
    headings: ['', 'count', 'a second'],
    rows: [
      ['notifications sent', integer(notifications.sent), rate(notifications.perSecond)],
      ['subscribers ready', integer(connections.ready), ''],
      ['deliveries expected', integer(counts.expected), ''],
      ['delivered', integer(counts.delivered), rate(counts.perSecond)],
      ...faults.map(([name = '', count = '']) => [name, count, '']),
    ],
  });
}

function recovery({ recovery: found }: BenchResult): string {
  if (found === undefined) return '';
  return section('Recovery', {
    headings: ['', 'count', ''],
    rows: recoveryRows(found).map(({ name, count, isFault, remark }) => [name, isFault ? bad(count) : integer(count), remark]),
  });
}

function bad(count: number): string {
  return count === 0 ? '0' : `**${integer(count)}**`;
}

function times({ latencyMs, latenessMs, fanOutMs, recovery: found }: BenchResult): string {
  const margins: Partial<Record<keyof Distribution, number | null>> = latencyMs.margin;
  const row = (name: string, distribution: Distribution) => [
    name,
    ...PERCENTILES.map((percentile) => milliseconds(distribution[percentile])),
  ];
  const latency = PERCENTILES.map((percentile) => {
    const margin = margins[percentile] ?? null;
    return `${milliseconds(latencyMs[percentile])}${margin === null ? '' : ` ±${milliseconds(margin)}`}`;
  });
  return section('Times in ms, from the planned moment', {
    headings: ['', ...PERCENTILES.map((percentile) => HEADINGS[percentile])],
    rows: [
      ['latency', ...latency],
      row('lateness of sending', latenessMs),
      row('first receiver', fanOutMs.first),
      row('last receiver', fanOutMs.last),
      ...(found === undefined ? [] : [row('recovered deliveries', found.latencyMs), row('whole resumes, from asking', found.resumeMs)]),
    ],
  });
}

function pastLimits({ generator }: BenchResult): string {
  const past = generator.checks.filter(({ isPast }) => isPast);
  if (past.length === 0) return '';
  return section('Limits of the generator that were passed', {
    headings: ['', 'measured', 'limit', 'what to change'],
    rows: past.map((check) => [checkName(check), checkFigures(check).measured, checkFigures(check).bound, markdownText(check.advice)]),
  });
}

function section(title: string, table: { headings: readonly string[]; rows: readonly (readonly string[])[] }): string {
  return table.rows.length === 0 ? '' : `### ${title}\n\n${markdownTable(table)}`;
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}
