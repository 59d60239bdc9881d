import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

const HOST = '127.0.0.1';
const LINGER_MS = 1000;

/** Ports given out last. Two servers that are being started on the same one would each take the other for itself. */
const given = new Set<number>();
const MOST_GIVEN = 1000;

/** A port on which nobody listens at the moment, and another one each time; another program may take it before it is used. */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, HOST);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    if (given.has(port)) continue;
    given.add(port);
    for (const oldest of given) {
      if (given.size <= MOST_GIVEN) break;
      given.delete(oldest);
    }
    return port;
  }
}

/** Whether somebody listens on the port, or it cannot be listened on for another reason. */
export function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(true));
    server.listen(port, HOST, () => server.close(() => resolve(false)));
  });
}

/**
 * Whether a TCP connection to the port is accepted. It is ended by a FIN, and what comes is still read for a while: a
 * server that says something first is not answered by a RST, of which a hand-made one may die.
 */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, HOST);
    socket.on('error', () => resolve(false));
    socket.once('connect', () => {
      // A port that is also given out to clients may by chance have been connected to itself.
      resolve(socket.localPort !== port);
      socket.resume().end().unref();
      socket.setTimeout(LINGER_MS, () => socket.destroy());
    });
  });
}
