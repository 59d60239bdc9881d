import type { IncomingMessage } from 'node:http';

/** How much of a body that nobody wants is read, so that its sender gets the answer. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * Reads the rest of a request and forgets it, because a client that still sends would lose the answer with the
 * connection; but not for ever.
 * @param forMs how long.
 */
export function discardRest(request: IncomingMessage, forMs: number): void {
  const { headers } = request;
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  if (!hasBody || request.destroyed || request.readableEnded) return;
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > MOST_BYTES) request.destroy();
  });
  const bound = setTimeout(() => request.destroy(), forMs).unref();
  request.once('end', () => clearTimeout(bound));
  request.once('close', () => clearTimeout(bound));
}
