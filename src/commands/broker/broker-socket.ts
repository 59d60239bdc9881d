import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { WebSocketConstructor, WebSocketTrouble } from '../../client/index.js';
import { readRefusal } from './refusal.js';
import { requestOptions, type Way } from './way.js';

/** The WebSocket that a command gives its client: it goes this way, and tells how a handshake was refused. */
export function brokerSocket(way: Way): WebSocketConstructor {
  return class extends BrokerSocket {
    constructor(url: string, protocols?: string[]) {
      super(url, protocols, way);
    }
  };
}

class BrokerSocket extends WebSocket {
  trouble?: WebSocketTrouble;

  constructor(url: string, protocols: string[] | undefined, way: Way) {
    super(url, protocols, requestOptions(way));
    this.on('unexpected-response', (_, response) => void this.#refused(response));
    this.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code !== undefined) this.trouble ??= { errorCode: code };
    });
  }

  /** Who listens to this event is the one to end the attempt. */
  async #refused(response: IncomingMessage): Promise<void> {
    const refusal = await readRefusal(response);
    const { statusCode: status } = response;
    if (status !== undefined) this.trouble = { because: `answered with HTTP ${status}, not as a WebSocket`, status, ...refusal };
    this.terminate();
  }
}
