import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a broker on which single connections break. */
export interface FlakyLine extends AsyncDisposable {
  readonly url: string;
  /** Breaks one of the connections, wherever it is: somewhere within what comes next from the broker, or at once. */
  cutOne(random: () => number): void;
}

interface Connection {
  readonly near: Socket;
  readonly far: Socket;
  /** What of the next chunk from the broker gets through before the end, from 0 to below 1; undefined: all, and no end. */
  share: number | undefined;
}

/** Listens on a port of its own and passes everything on to the broker at `port`. */
export async function startFlakyLine(port: number): Promise<FlakyLine> {
  const connections: Connection[] = [];
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port, host: '127.0.0.1', noDelay: true });
    const connection: Connection = { near, far, share: undefined };
    connections.push(connection);
    near.on('error', () => {}).once('close', () => far.destroy());
    far.on('error', () => {}).once('close', () => near.destroy());
    near.once('close', () => connections.splice(connections.indexOf(connection), 1));
    near.pipe(far);
    far.on('data', (chunk) => {
      if (connection.share === undefined) near.write(chunk);
      else near.write(chunk.subarray(0, Math.floor(chunk.length * connection.share)), () => far.destroy());
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutOne(random) {
      const connection = connections[Math.floor(random() * connections.length)];
      if (!connection) return;
      if (random() < 0.5) connection.near.destroy();
      else connection.share ??= random();
    },
    async [Symbol.asyncDispose]() {
      for (const { near } of [...connections]) near.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
