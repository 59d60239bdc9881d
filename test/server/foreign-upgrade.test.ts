import { request } from 'node:https';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Flusher } from '../../src/server/flusher.js';
import type { Broker } from '../../src/server/index.js';
import { startTestBroker } from '../support/broker.js';
import { nextData, notice, subscriber } from '../support/peers.js';
import { openRaw } from '../support/raw.js';
import { startSecuredBroker } from '../support/secured-broker.js';

/** As Java's HTTP client writes it, which asks for HTTP/2 wherever there is no TLS. */
const WISH = 'Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABk\r\nUpgrade: h2c';

function post(data: string): string {
  const body = JSON.stringify(notice(data));
  return `POST /notify HTTP/1.1\r\n${WISH}\r\nHost: broker.test\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** Another client is served: what others sent before has come by then. */
async function expectServed(broker: Broker): Promise<void> {
  await using fence = await openRaw(broker);
  fence.write('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n');
  await fence.waitFor(/"ok"/);
}

afterEach(() => vi.restoreAllMocks());

describe('a request that asks for another protocol than WebSocket', () => {
  test('is answered as if it had not asked, however its bytes come, and so is what comes behind it (R-6.1)', async () => {
    await using broker = await startTestBroker();
    await using witness = await subscriber(broker);
    await using raw = await openRaw(broker);
    const first = post('first');
    raw.write(first.slice(0, first.length - 5));
    await expectServed(broker);
    raw.write(`${first.slice(-5)}${post('second')}GET /healthz HTTP/1.1\r\nHost: broker.test\r\n${WISH}\r\n\r\n`);
    await raw.waitFor(/^(HTTP\/1\.1 200 OK[\s\S]*?){3}"ok"/);
    expect([await nextData(witness), await nextData(witness)]).toEqual(['first', 'second']);
  });

  test('is answered by TLS, too', async () => {
    await using secured = await startSecuredBroker();
    const { port } = secured.broker;
    const status = await new Promise((resolve, reject) => {
      const headers = { Connection: 'Upgrade', Upgrade: 'TLS/1.3, foo' };
      request({ port, host: '127.0.0.1', path: '/healthz', headers, ca: secured.ca, agent: false }, (answer) => {
        resolve(answer.resume().statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
  });

  test('loses nothing while the answer before it waits for the broker (R-2.8, R-4.1)', async () => {
    await using broker = await startTestBroker();
    await using raw = await openRaw(broker);
    const behind = vi.spyOn(Flusher.prototype, 'isBehind', 'get').mockReturnValue(true);
    const text = post('first').replace(`${WISH}\r\n`, '') + post('x'.repeat(1000));
    raw.write(text.slice(0, -500));
    await expectServed(broker);
    raw.write(text.slice(-500));
    await expectServed(broker);
    behind.mockRestore();
    await raw.waitFor(/^(HTTP\/1\.1 200 OK[\s\S]*?){2}$/);
  });

  test('ends nobody but itself when its socket breaks under the answer before it', async () => {
    await using broker = await startTestBroker();
    for (let round = 0; round < 500; round++) {
      const raw = await openRaw(broker);
      raw.write(`GET /healthz HTTP/1.1\r\nHost: h\r\n\r\nGET /healthz HTTP/1.1\r\nHost: h\r\n${WISH}\r\n\r\n`);
      raw.socket.resetAndDestroy();
      await raw.closed;
    }
    await expectServed(broker);
  });

  test('keeps its other headers, and is no handshake (R-4.6)', async () => {
    await using broker = await startTestBroker();
    await using raw = await openRaw(broker);
    raw.write(`GET / HTTP/1.1\r\nHost: broker.test\r\nConnection: close, Upgrade\r\nUpgrade: websockets\r\n\r\n`);
    expect(await raw.closed).toBe('fin');
    expect(raw.status).toBe(426);
  });
});
