import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp } from 'node:net';
import { connect, createServer } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { Handshakes } from '../../../src/server/tls/handshakes.js';
import { authority, forThisMachine } from '../../support/certificates.js';

const signer = authority();
const { cert, key } = forThisMachine(signer);

async function startServer() {
  const server = createServer({ cert, key });
  const handshakes = new Handshakes(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return { server, handshakes, ends: { host: '127.0.0.1', port } };
}

describe('the handshakes of a server', () => {
  it('are counted until they are done or given up', async () => {
    const { server, handshakes, ends } = await startServer();
    const silent = connectTcp(ends).on('error', () => {});
    await expect.poll(() => handshakes.size).toBe(1);
    const done = connect({ ...ends, ca: signer.cert });
    const [served] = await once(server, 'secureConnection');
    expect(handshakes.size).toBe(1);
    silent.destroy();
    await expect.poll(() => handshakes.size).toBe(0);
    served.destroy();
    done.destroy();
    server.close();
  });

  it('are ended all together, and nothing else is', async () => {
    const { server, handshakes, ends } = await startServer();
    const done = connect({ ...ends, ca: signer.cert });
    const [served] = await once(server, 'secureConnection');
    const silent = [connectTcp(ends), connectTcp(ends)].map((socket) => socket.on('error', () => {}).resume());
    await expect.poll(() => handshakes.size).toBe(2);
    handshakes.destroy();
    await Promise.all(silent.map((socket) => once(socket, 'close')));
    served.write('still there');
    expect(String((await once(done, 'data'))[0])).toBe('still there');
    served.destroy();
    done.destroy();
    server.close();
  });
});
