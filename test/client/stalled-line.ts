import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a broker that can go dead without being closed, as when a phone leaves its network. */
export interface StalledLine extends AsyncDisposable {
  readonly url: string;
  /** From now on nothing passes over the connections that there are, in either direction, and neither end is told. New ones pass. */
  stall(): void;
  /** The same, once so many bytes more have come from the broker, over all connections together. */
  stallAfter(bytes: number): void;
  /** Breaks the connections that there are, and lets everything pass over new ones. */
  drop(): void;
}

/** Listens on a port of its own and passes everything on to the broker at `port`. */
export async function startStalledLine(port: number): Promise<StalledLine> {
  const sockets = new Set<Socket>();
  let left = Number.POSITIVE_INFINITY;
  const stall = () => {
    left = Number.POSITIVE_INFINITY;
    for (const socket of sockets) socket.unpipe().pause();
  };
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const broker = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    sockets.add(socket).add(broker);
    for (const one of [socket, broker]) one.on('error', () => {});
    socket.pipe(broker).pipe(socket);
    broker.on('data', (chunk) => {
      left -= chunk.length;
      if (left <= 0) stall();
    });
  });
  const drop = () => {
    left = Number.POSITIVE_INFINITY;
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stall,
    stallAfter(bytes) {
      left = bytes;
    },
    drop,
    async [Symbol.asyncDispose]() {
      drop();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
