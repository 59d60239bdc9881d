import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WORDS } from '../../../src/commands/test/words.js';
import { formatFileError } from '../../../src/document/index.js';
import { loadScenarios } from '../../../src/scenario/file/load.js';
import { type RecordedEvent, scenarioOf, startRecorder } from '../../../src/scenario/record/index.js';
import type { CaseResult } from '../../../src/scenario/result.js';
import { runSuite } from '../../../src/scenario/run/run-suite.js';
import type { Broker } from '../../../src/server/index.js';
import { startTestBroker } from '../../support/broker.js';

/** What stands between the clients of a test and a broker; its `port` is where they connect. */
export interface Session {
  readonly port: number;
  readonly events: readonly RecordedEvent[];
  /** Waits until an event has been seen that `test` accepts. */
  seen(test: (event: RecordedEvent) => boolean): Promise<void>;
}

/** Records what `act` does with a broker of its own. */
export async function recordSession(act: (session: Session, broker: Broker) => Promise<void>): Promise<readonly RecordedEvent[]> {
  await using broker = await startTestBroker();
  const watchers = new Set<() => void>();
  await using recorder = await startRecorder({
    url: broker.url,
    port: 0,
    onEvent: () => {
      for (const watcher of [...watchers]) watcher();
    },
  });
  const { port, events } = recorder;
  const seen = (test: (event: RecordedEvent) => boolean) =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not seen in time: ${test}`)), 5000);
      const look = () => {
        if (!events.some(test)) return;
        clearTimeout(timer);
        watchers.delete(look);
        resolve();
      };
      watchers.add(look);
      look();
    });
  await act({ port, events, seen }, broker);
  return [...events];
}

/** The file of what was recorded; throws where there is none. */
export function fileOf(events: readonly RecordedEvent[], timing = false): string {
  const text = scenarioOf(events, { id: 'recorded/test', title: 'What was recorded', schema: '../scenario.schema.json', timing });
  if (text === undefined) throw new Error('nothing was recorded');
  return text;
}

/** Loads a file and runs it against a fresh broker, or the server at `url`. */
export async function replay(text: string, url?: string): Promise<CaseResult> {
  const folder = await mkdtemp(join(tmpdir(), 'wsn-record-'));
  try {
    const path = join(folder, 'recorded.yaml');
    await writeFile(path, text);
    const { cases, errors } = loadScenarios([path], WORDS);
    const [error] = errors;
    if (error) throw new Error(`${formatFileError(error.source, error)}\n${text}`);
    await using broker = await startTestBroker();
    const results: CaseResult[] = [];
    await runSuite({
      cases,
      server: { url: url ?? broker.url },
      jobs: 1,
      repeat: 1,
      bail: false,
      shuffle: false,
      seed: 1,
      stepTimeoutMs: 2000,
      headers: {},
      onResult: (result) => results.push(result),
    });
    const [result] = results;
    if (!result) throw new Error(`the file has no case\n${text}`);
    return result;
  } finally {
    await rm(folder, { recursive: true });
  }
}
