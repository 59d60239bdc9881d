import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { createServer } from 'node:tls';
import { expect, it } from 'vitest';
import { openPeer } from '../../../src/peer/index.js';
import { startRecorder } from '../../../src/scenario/record/index.js';
import { startTestBroker } from '../../support/broker.js';
import { askHttp } from '../../support/http.js';
import { subscriptionsText } from '../../support/peers.js';

const file = (name: string) => readFileSync(new URL(`../../peer/certificate/${name}`, import.meta.url), 'utf8');
const ca = file('broker.test.crt.pem');

/** A broker behind TLS. */
async function startSecure() {
  const broker = await startTestBroker();
  const server = createServer({ cert: ca, key: file('broker.test.key.pem') }, (socket) => {
    const inner = connect(broker.port, '127.0.0.1');
    for (const end of [socket, inner]) end.on('error', () => inner.destroy());
    socket.pipe(inner).pipe(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `wss://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      await broker[Symbol.asyncDispose]();
    },
  };
}

it.each([
  ['whose certificate is trusted', { ca }],
  ['whose certificate is not looked at', { insecure: true }],
])('a recorder stands before a server with TLS %s, for WebSocket and HTTP', async (_, tls) => {
  await using secure = await startSecure();
  await using recorder = await startRecorder({ url: secure.url, port: 0, tls });
  await using peer = await openPeer({ host: '127.0.0.1', port: recorder.port, subprotocols: ['wsn.v1'] });
  expect(await peer.next()).toContain('hello');
  peer.send(subscriptionsText([{ package: 'p', page: 'q' }]));
  expect(await peer.next()).toContain('subscribed');
  const broker = { port: recorder.port } as Parameters<typeof askHttp>[0];
  expect((await askHttp(broker, { body: '{"package":"p","page":"q"}' })).status).toBe(200);
  expect(await peer.next()).toContain('notification');
  expect(recorder.events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['opened', 'said', 'heard', 'request', 'answer']));
});

it('a server whose certificate is not trusted is not reachable', async () => {
  await using secure = await startSecure();
  await expect(startRecorder({ url: secure.url, port: 0 })).rejects.toThrow(/cannot reach wss:.*certificate/);
});
