import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * The requests that have not been answered, by the socket on which they came. An answer that has still to wait for its
 * turn there does not tell when the socket breaks: the socket does.
 */
export class Answering {
  readonly #bySocket = new Map<Socket, Set<ServerResponse>>();
  /** One listener for all of them. */
  readonly #broken: (this: Socket) => void;

  constructor() {
    const bySocket = this.#bySocket;
    this.#broken = function () {
      bySocket.delete(this);
    };
  }

  add(response: ServerResponse): void {
    const { socket } = response.req;
    let waiting = this.#bySocket.get(socket);
    if (!waiting) {
      waiting = new Set();
      this.#bySocket.set(socket, waiting);
      socket.once('close', this.#broken);
    }
    const ofSocket = waiting.add(response);
    response.once('close', () => ofSocket.delete(response));
  }

  /** The last that leaves on this socket. */
  last(socket: Socket): ServerResponse | undefined {
    return [...(this.#bySocket.get(socket) ?? [])].at(-1);
  }

  *[Symbol.iterator](): Iterator<ServerResponse> {
    for (const waiting of this.#bySocket.values()) yield* waiting;
  }
}
