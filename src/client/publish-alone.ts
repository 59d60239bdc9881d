import { ABNORMAL, ClosedError, NORMAL } from './closed-error.js';
import { Line } from './line.js';
import type { WebSocketConstructor } from './web-socket.js';

interface Alone {
  readonly url: string;
  readonly WebSocket: WebSocketConstructor;
  readonly text: string;
  /** What is called when the client is closed, this as long as it lasts. */
  readonly ends: Set<(closed: ClosedError) => void>;
}

/** How long it may take, in ms: a server that does not understand the message may say nothing of it. */
const TIMEOUT_MS = 10_000;

/**
 * Sends one publisher's message of the base protocol on a connection of its own, which the broker closes with 1000 when it is served.
 * @throws ClosedError for any other end, after which it may or may not have been published.
 */
export function publishAlone({ url, WebSocket, text, ends }: Alone): Promise<void> {
  return new Promise((resolve, reject) => {
    const line = new Line({
      url,
      protocols: [],
      WebSocket,
      events: {
        open: () => line.send(text),
        message: () => {},
        end({ code, reason, because = '' }) {
          if (code === NORMAL) resolve();
          end(new ClosedError(code, reason || because));
        },
      },
    });
    const end = (closed: ClosedError) => {
      clearTimeout(timer);
      ends.delete(end);
      void line.release();
      reject(closed);
    };
    const timer = setTimeout(() => end(new ClosedError(ABNORMAL, `no answer within ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
    ends.add(end);
  });
}
