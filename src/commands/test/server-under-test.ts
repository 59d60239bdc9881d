import type { ServerUnderTest, SuiteOptions } from '../../scenario/run/run-suite.js';
import { UsageError } from '../exit/usage-error.js';
import { readCertificates } from '../input/certificates.js';
import type { TestOptions } from '../test.js';

/**
 * What is tested: a server that runs, one that is started with `--server`, or the broker of this very program.
 * @throws UsageError for a command without `{port}`.
 */
export function serverUnderTest({ url, server }: Pick<TestOptions, 'url' | 'server'>): ServerUnderTest {
  if (url !== undefined) return { url };
  if (server === undefined) return { command: ownBroker() };
  if (server.includes('{port}')) return { command: server };
  throw new UsageError(`--server ${JSON.stringify(server)} has no {port}: put it where the command takes the port to listen on`);
}

/**
 * How it is reached.
 * @throws UsageError when the certificates cannot be read.
 */
export async function connecting({ header, token, tlsCa }: TestOptions): Promise<Pick<SuiteOptions, 'headers' | 'tlsCa'>> {
  const isGiven = Object.keys(header).some((name) => name.toLowerCase() === 'authorization');
  if (token !== undefined && isGiven) throw new UsageError('--token and --header Authorization exclude each other');
  const headers = { ...header, ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }) };
  return { headers, tlsCa: await readCertificates(tlsCa) };
}

function ownBroker(): readonly string[] {
  const serve = ['serve', '--host', '127.0.0.1', '--port', '{port}', '--log-level', 'warn', '--log-format', 'json', '{options}'];
  return [process.execPath, ...process.execArgv, process.argv[1] ?? '', ...serve];
}
