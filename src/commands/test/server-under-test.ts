import type { ServerUnderTest, SuiteOptions } from '../../scenario/run/run-suite.js';
import { ownServe } from '../broker/own-serve.js';
import { findWay } from '../broker/way.js';
import { UsageError } from '../exit/usage-error.js';
import type { TestOptions } from '../test.js';

/**
 * What is tested: a server that runs, one that is started with `--server`, or the broker of this very program.
 * @throws UsageError for a command without `{port}`.
 */
export function serverUnderTest({ url, server }: Pick<TestOptions, 'url' | 'server'>): ServerUnderTest {
  if (url !== undefined) return { url };
  if (server === undefined) return { command: ownServe('{port}', 'warn', ['{options}']) };
  if (server.includes('{port}')) return { command: server };
  throw new UsageError(`--server ${JSON.stringify(server)} has no {port}: put it where the command takes the port to listen on`);
}

/**
 * How it is reached.
 * @throws UsageError for a file that cannot be read, and for a value that no header can have.
 */
export async function connecting(given: TestOptions): Promise<Pick<SuiteOptions, 'headers' | 'tls'>> {
  const urls = [given.url, given.against].filter((url) => url !== undefined);
  const secure = urls.find((url) => url.startsWith('wss:'));
  const { headers, tls } = await findWay(secure ?? urls[0] ?? 'ws://127.0.0.1', given);
  return { headers, tls };
}
