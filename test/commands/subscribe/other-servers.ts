import { once } from 'node:events';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

/** A web server that answers every handshake with a status of its choice. */
export async function webServer(status: number) {
  const server = createServer().on('upgrade', (_, socket) =>
    socket.on('error', () => {}).end(`HTTP/1.1 ${status} X\r\nContent-Length: 0\r\n\r\n`),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as { port: number };
  return {
    url: `ws://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A broker of the base protocol that ends every connection with a close code of its choice. */
export async function refusingBroker(code: number, reason: string) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: () => false });
  await once(server, 'listening');
  server.on('connection', (socket) => socket.on('message', () => socket.close(code, reason)));
  const { port } = server.address() as { port: number };
  return {
    url: `ws://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}
