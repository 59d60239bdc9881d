import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { reset } from '../../src/peer/index.js';

/** Two ends of one connection. */
async function pair(): Promise<{ readonly near: Socket; readonly far: Socket } & Disposable> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  const [far] = (await once(server, 'connection')) as [Socket];
  near.on('error', () => {});
  return { near, far, [Symbol.dispose]: () => server.close() };
}

it('ends a connection with a RST', async () => {
  using ends = await pair();
  const failed = once(ends.far, 'error');
  reset(ends.near);
  expect(await failed).toMatchObject([{ code: 'ECONNRESET' }]);
});

it('ends one whose FIN is under way, too, so that its handle does not stay for ever', async () => {
  using ends = await pair();
  ends.far.on('error', () => {});
  ends.near.end('what is left');
  const isClosed = once(ends.near, 'close');
  reset(ends.near);
  await isClosed;
  expect(handlesTo(ends.near)).toBe(0);
});

it('leaves one alone that has ended', async () => {
  using ends = await pair();
  ends.near.destroy();
  expect(() => reset(ends.near)).not.toThrow();
  ends.far.destroy();
});

/** Whether the system still has the socket open. */
function handlesTo(socket: Socket): number {
  return (socket as Socket & { _handle: unknown })._handle ? 1 : 0;
}
