import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { createServer } from 'node:tls';

const file = (name: string) => readFileSync(new URL(`../peer/certificate/${name}`, import.meta.url), 'utf8');

/** The certificate of the front below, which signs itself. */
export const ca = file('broker.test.crt.pem');

/** TLS in front of a broker, as a reverse proxy does it: it reads the head of the first request of each connection. */
export async function startTlsFront(port: number) {
  const heads: string[] = [];
  const server = createServer({ key: file('broker.test.key.pem'), cert: ca }, (socket) => {
    const inner = connect(port, '127.0.0.1');
    for (const end of [socket, inner]) {
      end.on('error', () => {
        socket.destroy();
        inner.destroy();
      });
    }
    socket.once('data', (chunk: Buffer) => heads.push(chunk.toString('latin1').split('\r\n\r\n')[0] ?? ''));
    socket.pipe(inner).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `wss://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heads: heads as readonly string[],
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}
