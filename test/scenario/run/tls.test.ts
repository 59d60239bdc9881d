import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { createServer } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { startTestBroker } from '../../support/broker.js';
import { casesOf, runCases, scenario } from './running.js';

const file = (name: string) => readFileSync(new URL(`../../peer/certificate/${name}`, import.meta.url), 'utf8');
const tlsCa = file('broker.test.crt.pem');

/** TLS in front of a broker, as a reverse proxy does it. */
async function startTls(port: number): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer({ key: file('broker.test.key.pem'), cert: tlsCa }, (socket) => {
    const inner = connect(port, '127.0.0.1');
    socket.on('error', () => inner.destroy());
    inner.on('error', () => socket.destroy());
    socket.pipe(inner).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `wss://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, [Symbol.asyncDispose]: async () => void server.close() };
}

const CASES = casesOf(
  scenario(
    [
      'send: { client: alice, subscriptions: [{}] }',
      'ready: alice',
      'notify: { as: news }',
      'notify: { as: news, via: api }',
      'expect: { client: alice, notification: news, exact: true }',
      'fault: { client: alice, delayMs: 5 }',
      'fence: alice',
    ],
    { clients: 'alice: {}, api: { kind: http }' },
  ),
);

describe('a server behind wss', () => {
  it('is tested as any other: sockets, HTTP, publishers and faults', async () => {
    await using broker = await startTestBroker();
    await using tls = await startTls(broker.port);
    const { results } = await runCases({ cases: CASES, server: { url: tls.url }, tls: { ca: tlsCa } });
    expect(results.map(({ outcome }) => outcome)).toEqual([{ kind: 'passed' }]);
  });

  it('is tested without a look at its certificate where that is wanted', async () => {
    await using broker = await startTestBroker();
    await using tls = await startTls(broker.port);
    const { results } = await runCases({ cases: CASES, server: { url: tls.url }, tls: { insecure: true } });
    expect(results.map(({ outcome }) => outcome)).toEqual([{ kind: 'passed' }]);
  });

  it('cannot be reached where its certificate is not trusted', async () => {
    await using broker = await startTestBroker();
    await using tls = await startTls(broker.port);
    await expect(runCases({ cases: CASES, server: { url: tls.url } })).rejects.toThrow(
      `cannot reach ${tls.url}: its certificate signs itself and is not trusted: name it`,
    );
  });
});
