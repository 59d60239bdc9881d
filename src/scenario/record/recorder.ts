import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Trust } from '../../peer/index.js';
import { assertReachable } from '../net/reachable.js';
import { ServerError } from '../net/server-error.js';
import { endpointOf } from '../run/shared-server.js';
import type { LineEvent, RecordedEvent, RequestEvent } from './event.js';
import { relayRequest } from './relay-request.js';
import { tunnel } from './tunnel.js';

const HOST = '127.0.0.1';

export interface RecorderOptions {
  /** Of the server, `ws:` or `wss:`. */
  readonly url: string;
  /** To listen on; 0 is any free one. */
  readonly port: number;
  /** Whom it trusts with `wss:`; whom Node does by default. */
  readonly tls?: Trust | undefined;
  readonly onEvent?: (event: RecordedEvent) => void;
  /** The server could not be reached, or gave no answer, for one client. */
  readonly onFailure?: (error: Error) => void;
}

/** A proxy that remembers what passes; disposal ends every connection, and that is not recorded. */
export interface Recorder extends AsyncDisposable {
  /** On 127.0.0.1, for WebSocket and for HTTP. */
  readonly port: number;
  /** In the order of time. */
  readonly events: readonly RecordedEvent[];
}

/**
 * Starts a proxy in front of a server.
 * @throws ServerError when the server cannot be reached, or the port is not free.
 */
export async function startRecorder({ url, port, tls, onEvent, onFailure }: RecorderOptions): Promise<Recorder> {
  const endpoint = endpointOf(url, { headers: {}, tls });
  await assertReachable(endpoint, url);
  const startedAt = performance.now();
  const events: RecordedEvent[] = [];
  const ends = new Set<() => void>();
  const over = new AbortController();
  let lines = 0;
  let exchanges = 0;
  const record = (event: RecordedEvent) => {
    if (over.signal.aborted) return;
    events.push(event);
    onEvent?.(event);
  };
  const now = () => ({ atMs: performance.now() - startedAt });
  const fail = (error: Error) => {
    if (!over.signal.aborted) onFailure?.(error);
  };
  const server = createServer({ noDelay: true }, (request, response) => {
    const exchange = ++exchanges;
    void relayRequest({ request, response }, endpoint, {
      onEvent: (event: RequestEvent) => record({ ...event, ...now(), exchange }),
      onFailure: fail,
      signal: over.signal,
    });
  });
  server.on('upgrade', (request, socket, head) => {
    const line = ++lines;
    const onLine = (event: LineEvent) => record({ ...event, ...now(), line });
    const end = tunnel({ request, socket, head }, endpoint, { onEvent: onLine, onFailure: fail });
    ends.add(end);
    socket.once('close', () => ends.delete(end));
  });
  await listen(server, port);
  return {
    port: (server.address() as AddressInfo).port,
    events,
    async [Symbol.asyncDispose]() {
      over.abort();
      for (const end of ends) end();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** @throws ServerError when the port is not to be had. */
async function listen(server: ReturnType<typeof createServer>, port: number): Promise<void> {
  try {
    await once(server.listen(port, HOST), 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why =
      code === 'EADDRINUSE'
        ? 'something listens there already; choose another --port, or 0 for any free one'
        : code === 'EACCES'
          ? 'this user may not; choose a --port from 1024 on'
          : message;
    throw new ServerError('unreachable', `cannot listen on ${HOST}:${port}: ${why}`);
  }
}
