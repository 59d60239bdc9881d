import type { Socket } from 'node:net';
import type { Server } from 'node:tls';

/**
 * The TCP connections of a server whose TLS handshake is not done. Neither Node's HTTP nor the broker knows of them, and
 * yet the server is not closed before they are.
 */
export class Handshakes {
  /** By their two ends, for the TLS socket that comes of one is not the same object; each with its listener. */
  readonly #pending = new Map<string, { readonly socket: Socket; readonly gone: () => void }>();

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      const ends = endsOf(socket);
      const gone = () => this.#pending.delete(ends);
      this.#pending.set(ends, { socket: socket.once('close', gone), gone });
    });
    server.on('secureConnection', (secure) => {
      const ends = endsOf(secure);
      const pending = this.#pending.get(ends);
      // Taken off again: a connection that lasts costs no closure.
      pending?.socket.off('close', pending.gone);
      this.#pending.delete(ends);
    });
  }

  /** How many are under way. */
  get size(): number {
    return this.#pending.size;
  }

  /** Ends all of them. */
  destroy(): void {
    for (const { socket } of this.#pending.values()) socket.destroy();
  }
}

function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
