import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { WebSocketConstructor } from '../../client/index.js';
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
  status?: number;
  detail?: string;
  retryAfterMs?: number;

  constructor(url: string, protocols: string[] | undefined, way: Way) {
    super(url, protocols, requestOptions(way));
    this.on('unexpected-response', (_, response) => void this.#refused(response));
  }

  /** Who listens to this event is the one to end the attempt. */
  async #refused(response: IncomingMessage): Promise<void> {
    const { detail, retryAfterMs } = await readRefusal(response);
    if (detail !== undefined) this.detail = detail;
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs;
    if (response.statusCode !== undefined) this.status = response.statusCode;
    this.terminate();
  }
}
