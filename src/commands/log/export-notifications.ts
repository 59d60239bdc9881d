import type { ExportOptions } from '../log.js';
import { assertWritable } from '../record/out-file.js';
import { fileLines, stdoutLines } from './line-output.js';
import { LogContents } from './log-contents.js';
import { exportLine } from './log-line.js';
import { Selection } from './selection.js';

/**
 * Writes notifications of a log as NDJSON.
 * @throws UsageError when there is none, or a file cannot be read or written; CommandFailure when it has no such topic.
 */
export async function exportNotifications(options: ExportOptions): Promise<number> {
  const { data, out } = options;
  if (out !== undefined) assertWritable(out);
  const selection = new Selection(options);
  let count = 0;
  const contents = await LogContents.open(data, {
    topic: (topic) => selection.see(topic),
    notification(notification) {
      if (output.signal.aborted || !selection.has(notification)) return;
      count += 1;
      output.line(exportLine(notification));
    },
    pause: () => output.pause(),
  });
  const output = out === undefined || out === '-' ? stdoutLines() : fileLines(out);
  await contents.read();
  await output.end();
  selection.assertKnown();
  process.stderr.write(`${count} ${count === 1 ? 'notification' : 'notifications'}${out === undefined ? '' : ` written to ${out}`}\n`);
  return contents.exitCode;
}
