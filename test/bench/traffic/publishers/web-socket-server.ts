import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';

/** A server that does with its connections, numbered from 0, what a test wants. */
export async function startWebSocketServer(options: ServerOptions, onConnection: (socket: WebSocket, connection: number) => void) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options });
  await once(server, 'listening');
  const addresses: string[] = [];
  let most = 0;
  server.on('connection', (socket, request) => {
    most = Math.max(most, server.clients.size);
    socket.on('error', () => {});
    onConnection(socket, addresses.push(request.socket.remoteAddress ?? '') - 1);
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Where its connections came from, in their order. */
    addresses: addresses as readonly string[],
    get connections() {
      return server.clients.size;
    },
    /** The most connections that were open at a time. */
    get mostConnections() {
      return most;
    },
    hangUp() {
      for (const socket of server.clients) socket.close(1011, 'it died');
    },
    async [Symbol.asyncDispose]() {
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
