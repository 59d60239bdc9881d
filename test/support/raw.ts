import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Broker } from '../../src/server/index.js';

/** A TCP connection that says the bytes that it is given and keeps what it hears: for what no WebSocket or HTTP client would do. */
export class Raw implements AsyncDisposable {
  readonly socket: Socket;
  /** How the other side ended it. */
  readonly closed: Promise<'fin' | 'reset'>;
  #chunks: Buffer[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    let hasFin = false;
    socket.on('data', (chunk) => this.#chunks.push(chunk));
    socket.once('end', () => {
      hasFin = true;
    });
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => socket.once('close', () => resolve(hasFin ? 'fin' : 'reset')));
  }

  /** All that has come so far. */
  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** The same as text, a character a byte. */
  get text(): string {
    return this.bytes.toString('latin1');
  }

  /** The status of the answer to the first request, or undefined when nothing of the kind has come. */
  get status(): number | undefined {
    const status = /^HTTP\/1\.1 (\d{3})/.exec(this.text)?.[1];
    return status === undefined ? undefined : Number(status);
  }

  write(bytes: string | Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Resolves when what has come fits `pattern`; rejects when the connection ends before. */
  async waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.text);
      if (found) return found;
      if (this.socket.destroyed) throw new Error(`the connection ended before ${pattern} came, after ${JSON.stringify(this.text)}`);
      await Promise.race([once(this.socket, 'data'), this.closed]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }
}

/** Opens a TCP connection to a broker. */
export async function openRaw(broker: Broker): Promise<Raw> {
  const socket = connect({ host: '127.0.0.1', port: broker.port, allowHalfOpen: false });
  await once(socket, 'connect');
  socket.setNoDelay(true);
  return new Raw(socket);
}
