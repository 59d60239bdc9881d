import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** Something that listens where PHP expects a broker, until its disposal. */
export interface Listening extends AsyncDisposable {
  readonly port: number;
  /** How many connections there have been. */
  readonly connections: number;
}

async function listening(server: Server): Promise<Listening> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => {}); // PHP may be gone before it has read all
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Does with each connection what `onSocket` does. */
export function listen(onSocket: (socket: Socket, index: number) => void): Promise<Listening> {
  let index = 0;
  return listening(createServer((socket) => onSocket(socket, index++)));
}

/** A port at which nobody listens. */
export async function nobody(): Promise<number> {
  await using server = await listen(() => {});
  return server.port;
}

/** A request that PHP has made. */
export interface Posted {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly url: string;
  /** Of its connection. */
  readonly socket: Socket;
}

/** Serves HTTP: `answer` is called when the whole of the request is there. `posted` are all requests. */
export async function httpServer(
  answer: (response: ServerResponse, index: number) => void,
): Promise<Listening & { readonly url: string; readonly posted: readonly Posted[] }> {
  const posted: Posted[] = [];
  const server = createHttpServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const index = posted.push({ headers: request.headers, body, url: request.url ?? '', socket: request.socket }) - 1;
      answer(response, index);
    });
  });
  server.keepAliveTimeout = 60_000; // that PHP gets the CPU late is no reason to close
  const there = await listening(server);
  return Object.defineProperties(there, {
    url: { value: `http://127.0.0.1:${there.port}` },
    posted: { value: posted },
  }) as Listening & { readonly url: string; readonly posted: readonly Posted[] };
}

/** Answers with a receipt. */
export function receipt(response: ServerResponse, offset = 1): void {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ receipt: { position: { epoch: 'e', offset }, matched: 0, duplicate: false } }));
}

/** Answers with a problem, as the broker does. */
export function problem(response: ServerResponse, status: number, { detail = '', retryAfter = '' } = {}): void {
  response.writeHead(status, { 'Content-Type': 'application/problem+json', ...(retryAfter && { 'Retry-After': retryAfter }) });
  response.end(JSON.stringify({ type: 'about:blank', status, ...(detail && { detail }) }));
}
