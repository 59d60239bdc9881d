import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a broker that can break. */
export interface CutLine extends AsyncDisposable {
  readonly url: string;
  /** Breaks every connection, and lets nobody through until `mend()`. */
  cut(): void;
  mend(): void;
  /** Lets through so many bytes more from the broker, over all connections, and then breaks. */
  cutAfter(bytes: number): void;
}

/** Listens on a port of its own and passes everything on to the broker at `port`. */
export async function startCutLine(port: number): Promise<CutLine> {
  const sockets = new Set<Socket>();
  let isCut = false;
  let left = Number.POSITIVE_INFINITY;
  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((socket) => {
    if (isCut) {
      socket.destroy();
      return;
    }
    const broker = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [socket, broker],
      [broker, socket],
    ] as const) {
      sockets.add(one);
      one.setNoDelay();
      one.on('error', () => {});
      one.once('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    socket.pipe(broker);
    broker.on('data', (chunk) => {
      const passed = chunk.subarray(0, left);
      left -= passed.length;
      if (passed.length === chunk.length) socket.write(passed);
      else {
        left = Number.POSITIVE_INFINITY;
        socket.end(passed);
      }
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      isCut = true;
      breakAll();
    },
    mend() {
      isCut = false;
    },
    cutAfter(bytes) {
      left = bytes;
    },
    async [Symbol.asyncDispose]() {
      breakAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
