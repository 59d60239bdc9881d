import { ClosedError, NORMAL } from './closed-error.js';
import { Line } from './line.js';
import type { WebSocketConstructor } from './web-socket.js';

/**
 * Sends one publisher's message of the base protocol on a connection of its own, which the broker closes with 1000 when it is served.
 * @throws ClosedError for any other end, after which it may or may not have been published.
 */
export function publishAlone(url: string, WebSocket: WebSocketConstructor, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const events = {
      open: () => line.send(text),
      message: () => {},
      end: ({ code, reason, because = '' }: { readonly code: number; readonly reason: string; readonly because: string | undefined }) =>
        code === NORMAL ? resolve() : reject(new ClosedError(code, reason || because)),
    };
    const line = new Line({ url, protocols: [], WebSocket, events });
  });
}
