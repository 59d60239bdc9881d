import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { connectSocket, openPeer } from '../../src/peer/index.js';

const host = '127.0.0.1';
const file = (name: string) => readFileSync(new URL(`certificate/${name}`, import.meta.url), 'utf8');

/** For `broker.test` and 127.0.0.1, signed by itself, from 2020 to 2120; its key is for tests alone. */
const ca = file('broker.test.crt.pem');

/** A WebSocket server by TLS that sends each message back. */
async function startSecure() {
  const server: Server = createServer({ cert: ca, key: file('broker.test.key.pem') });
  const sockets: TLSSocket[] = [];
  server.on('secureConnection', (socket) => sockets.push(socket.on('error', () => {})));
  new WebSocketServer({ server }).on('connection', (socket) => socket.on('message', (data) => socket.send(String(data))));
  await once(server.listen(0, host), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    server,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('a peer by TLS', () => {
  it('speaks to a server whose certificate is for its address', async () => {
    await using secure = await startSecure();
    await using peer = await openPeer({ host, port: secure.port, tls: { ca } });
    peer.send('hello');
    expect(await peer.next()).toBe('hello');
    expect(secure.sockets[0]?.servername).toBe(false);
    expect(await peer.close(1000)).toMatchObject({ code: 1000, clean: true });
  });

  it('speaks to a server whose certificate is for the name that it is given, and tells that name', async () => {
    await using secure = await startSecure();
    await using peer = await openPeer({ host, port: secure.port, tls: { ca: ca.toString(), servername: 'broker.test' } });
    peer.send('hello');
    expect(await peer.next()).toBe('hello');
    expect(secure.sockets[0]?.servername).toBe('broker.test');
  });

  it('receives by onMessage too', async () => {
    await using secure = await startSecure();
    const seen: string[] = [];
    await using peer = await openPeer({ host, port: secure.port, tls: { ca }, onMessage: (payload) => seen.push(payload.toString()) });
    peer.send('hello');
    await expect.poll(() => seen).toEqual(['hello']);
  });

  it.each([
    ['that nobody trusts', { ca: undefined }, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['for another name', { ca, servername: 'other.test' }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['for another address', { ca, servername: '127.0.0.2' }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('refuses a certificate %s, and sends such a server nothing', async (_, tls, code) => {
    await using secure = await startSecure();
    let requests = 0;
    secure.server.on('upgrade', () => requests++);
    await expect(openPeer({ host, port: secure.port, tls })).rejects.toMatchObject({ code });
    await using fence = await openPeer({ host, port: secure.port, tls: { ca } });
    await fence.barrier();
    expect(requests).toBe(1);
  });

  it('can end its connection by a reset', async () => {
    await using secure = await startSecure();
    const peer = await openPeer({ host, port: secure.port, tls: { ca } });
    const [socket] = secure.sockets;
    const reset = once(socket as TLSSocket, 'error');
    peer.destroy();
    expect((await reset)[0]).toMatchObject({ code: 'ECONNRESET' });
    expect(await peer.closed).toMatchObject({ code: 1006, kind: 'reset' });
  });

  it("fails with node's error when nobody listens", async () => {
    const { port } = await startSecure().then(async (secure) => {
      await secure[Symbol.asyncDispose]();
      return secure;
    });
    await expect(openPeer({ host, port, tls: { ca } })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('a socket', () => {
  it('is connected by TCP or by TLS, and there at the event of its kind', async () => {
    await using secure = await startSecure();
    for (const [tls, event] of [
      [undefined, 'connect'],
      [{ ca }, 'secureConnect'],
    ] as const) {
      const socket = connectSocket({ host, port: secure.port, tls });
      await once(socket, event);
      expect(socket.remotePort).toBe(secure.port);
      socket.destroy();
    }
  });
});
