import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrokerProcess, startBrokerProcess } from '../../bench/index.js';
import { ownServe } from '../broker/own-serve.js';
import { UsageError } from '../exit/usage-error.js';

/** What stands in `--serve` for the broker's folder. */
const FOLDER = '{dir}';

/** Options that are this command's to choose. */
const OWN = ['--port', '-p', '--host', '--config', '--log-level', '--log-format'];

/**
 * Starts the broker of `wsn bench` itself, in another process. Disposal stops it, and removes its folder.
 * @param serve options of `wsn serve` as one would type them.
 * @throws UsageError when they cannot be used; BenchError with what the broker said when it does not start.
 */
export async function startOwnBroker(serve = ''): Promise<BrokerProcess> {
  const words = wordsOf(serve);
  const folder = words.some((word) => word.includes(FOLDER)) ? await mkdtemp(join(tmpdir(), 'wsn-bench-broker-')) : undefined;
  const options = words.map((word) => word.replaceAll(FOLDER, () => folder ?? ''));
  const remove = async () => {
    // What has just been ended may still hold a file, and some systems refuse to remove such a one.
    if (folder !== undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const broker = await startBrokerProcess((port) => ownServe(String(port), 'error', options));
    return {
      url: broker.url,
      get pid() {
        return broker.pid;
      },
      restart: (signal, forMs) => broker.restart(signal, forMs),
      async [Symbol.asyncDispose]() {
        await broker[Symbol.asyncDispose]();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** @throws UsageError for a quote that is not closed, and for options that are this command's to choose. */
function wordsOf(text: string): string[] {
  const words = [...text.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) => word.replaceAll(/"([^"]*)"|'([^']*)'/g, '$1$2'));
  if (/["']/.test(text.replaceAll(/"[^"]*"|'[^']*'/g, ''))) throw new UsageError(`--serve ${text}: found a quote without its second one`);
  const own = words.find((word) => OWN.includes(word.replace(/=.*/, '')));
  if (own !== undefined) throw new UsageError(`--serve ${text}: ${own} is chosen by wsn bench itself: leave it out`);
  return words;
}
