import { topicKey } from '../../protocol/index.js';
import type { TopicsOptions } from '../log.js';
import { coloursFor } from '../terminal/colours.js';
import { stdoutLines } from './line-output.js';
import { LogContents } from './log-contents.js';
import { summaryJson, type TopicSummary, topicTable } from './topic-table.js';

/** Lists the topics of a log, sorted by name. @throws UsageError when there is none, or it cannot be read. */
export async function printTopics({ data, json, color }: TopicsOptions): Promise<number> {
  const summaries = new Map<string, TopicSummary>();
  const contents = await LogContents.open(data, {
    topic(topic, position) {
      const known = summaries.get(topicKey(topic));
      if (known?.position.epoch === position.epoch) return;
      summaries.set(topicKey(topic), { topic, position, kept: 0, bytes: 0, newestAt: undefined });
    },
    notification({ topic, position, at, payload }) {
      const summary = summaries.get(topicKey(topic));
      if (summary === undefined) return;
      summary.position = position;
      summary.kept += 1;
      summary.bytes += payload.length;
      summary.newestAt = at;
    },
  });
  await contents.read();
  const sorted = [...summaries.values()].sort((a, b) => compare(a.topic.package, b.topic.package) || compare(a.topic.page, b.topic.page));
  const output = stdoutLines();
  if (json || !process.stdout.isTTY) for (const summary of sorted) output.line(summaryJson(summary));
  else if (sorted.length === 0) process.stderr.write('the log is empty\n');
  else for (const line of topicTable(sorted, Date.now(), await coloursFor(process.stdout, color))) output.line(line);
  return contents.exitCode;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
