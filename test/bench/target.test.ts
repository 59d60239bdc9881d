import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { connectTo, reasonOf, targetOf } from '../../src/bench/target.js';
import { startTestBroker } from '../support/broker.js';
import { startWebSocketServer } from './traffic/publishers/web-socket-server.js';

describe('a target', () => {
  it.each([
    ['ws://127.0.0.1:8000', { host: '127.0.0.1', port: 8000, path: '/' }],
    ['ws://example.org', { host: 'example.org', port: 80, path: '/' }],
    ['wss://example.org', { host: 'example.org', port: 443, path: '/', tls: {} }],
    ['ws://[::1]:9/live?token=1', { host: '::1', port: 9, path: '/live?token=1' }],
  ])('%s is read into its parts', (url, parts) => {
    expect(targetOf(url)).toEqual({ url, headers: {}, ...parts });
  });

  it('is connected to from the address that is given', async () => {
    await using server = await startWebSocketServer({}, () => {});
    await using peer = await connectTo(targetOf(server.url), { localAddress: '127.0.0.2' });
    await peer.barrier();
    expect(server.addresses).toEqual(['127.0.0.2']);
  });

  it('that does not want a connection is told with its status', async () => {
    await using broker = await startTestBroker();
    await expect(connectTo(targetOf(broker.url), { method: 'POST' })).rejects.toMatchObject({
      kind: 'refused',
      message: `${broker.url}: the handshake was refused with HTTP status 400; expected 101`,
    });
  });

  it('that does not speak HTTP is told, too', async () => {
    const server = createServer((socket) => socket.on('error', () => {}).end('220 mail\r\n\r\n')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    await expect(connectTo(targetOf(`ws://127.0.0.1:${port}`), {})).rejects.toMatchObject({
      kind: 'unreachable',
      message: `cannot reach ws://127.0.0.1:${port}: expected an HTTP response, found "220 mail"`,
    });
    server.close();
  });

  it('is not connected to when the signal was aborted, whose reason is thrown', async () => {
    await using broker = await startTestBroker();
    await expect(connectTo(targetOf(broker.url), { signal: AbortSignal.abort(new Error('no more')) })).rejects.toThrow('no more');
  });
});

describe('the reason of an error', () => {
  it.each([
    [{ code: 'ECONNREFUSED', message: '' }, 'nobody listens there'],
    [{ code: 'EADDRNOTAVAIL', message: 'connect' }, 'this machine has no port left for one more connection'],
    [{ code: 'EWHAT', message: 'what' }, 'what'],
    [new Error('no answer'), 'no answer'],
  ])('%j is %j', (error, reason) => {
    expect(reasonOf(error)).toBe(reason);
  });
});
