import { judge } from '../../bench/gate/judge.js';
import { parseThreshold } from '../../bench/gate/threshold.js';
import { runBench } from '../../bench/index.js';
import { renderMarkdown } from '../../bench/report/markdown.js';
import { renderText } from '../../bench/report/text.js';
import type { BenchResult, Verdict } from '../../bench/result/result.js';
import type { BenchFlags } from '../bench.js';
import { EXIT } from '../exit/exit-codes.js';
import { escapeJson } from '../terminal/escape-json.js';
import { openBenchDisplay } from './bench-display.js';
import type { BenchTask } from './bench-task.js';
import type { Gate } from './read-gate-flags.js';
import { reportStyle } from './report-style.js';
import { appendSummary, isTextReplaced, writeResult } from './result-files.js';

const EXIT_FOR: Readonly<Record<Verdict, number>> = {
  passed: EXIT.ok,
  failed: EXIT.threshold,
  regressed: EXIT.regressed,
  invalid: EXIT.invalid,
  aborted: EXIT.interrupted,
};

/** Runs that are no measure for others. */
const NOT_KEPT: readonly Verdict[] = ['invalid', 'aborted'];

/**
 * Makes one run, judges it and writes all reports.
 * @returns one of `EXIT`; `EXIT.interrupted` after any signal.
 * @throws BenchError when there was no run.
 */
export async function measureOnce({ settings, flags, signal }: BenchTask, { baseline, regress }: Gate): Promise<number> {
  const display = await openBenchDisplay(process.stderr, flags.color);
  let result: BenchResult;
  try {
    const measurement = await runBench(settings, { signal, onProgress: (progress) => display.update(progress) });
    result = judge(measurement, { thresholds: settings.thresholds.map(parseThreshold), baseline, regress });
  } finally {
    display.end();
  }
  await report(result, flags);
  return EXIT_FOR[result.verdict];
}

async function report(result: BenchResult, flags: BenchFlags): Promise<void> {
  if (!isTextReplaced(flags)) process.stdout.write(renderText(result, await reportStyle(flags.color)));
  const json = () => `${escapeJson(JSON.stringify(result))}\n`;
  await writeResult(flags, 'json', json);
  if (!NOT_KEPT.includes(result.verdict)) await writeResult(flags, 'save', json);
  else if (flags.save !== undefined) process.stderr.write(`not saved in ${flags.save}: a run that is ${result.verdict} is no baseline\n`);
  await writeResult(flags, 'junit', async () => (await import('../../bench/report/junit.js')).renderJunit(result));
  await writeResult(flags, 'markdown', () => renderMarkdown(result));
  await writeResult(flags, 'html', async () => (await import('../../bench/report/html/html.js')).renderHtml(result));
  await appendSummary(() => renderMarkdown(result));
}
