import type { Socket } from 'node:net';
import { connectSocket } from './connect-socket.js';
import { checkAnswer, HandshakeRefused, readAnswer, type UpgradeAnswer, type UpgradeOptions, upgradeRequest } from './handshake.js';
import { Peer, type ReceiveOptions } from './peer.js';
import type { Trust } from './trust.js';

/** Where to connect, what to ask for, and how to receive. */
export interface PeerOptions extends UpgradeOptions, ReceiveOptions {
  /** Connects by TLS. */
  readonly tls?: Trust;
  /** The address of this end; whatever the system chooses by default. */
  readonly localAddress?: string;
  /** How long connecting and the handshake may take; 10,000 by default. */
  readonly handshakeTimeoutMs?: number;
  /** Bytes sent in the same segment behind the upgrade request, before it is answered. */
  readonly glued?: Uint8Array;
  /** Whether a FIN follows the upgrade request and `glued` at once. */
  readonly endsAtOnce?: boolean;
  /** With `onMessage` or `onText`: what the socket is read into, at most its length at a time; 64 KiB for all peers by default. */
  readonly readBuffer?: Buffer;
  /** Ends the connection, during the handshake or after, when it is aborted. */
  readonly signal?: AbortSignal;
}

/** Peers that receive by `onMessage` or `onText` are read into this one buffer: they look at a message and keep nothing of it. */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * Opens a WebSocket connection by hand (RFC 6455 section 4).
 * @throws HandshakeRefused when the answer is not 101; the error of node (ECONNREFUSED, …) when there is no
 * connection, or its certificate is not right; Error when the answer is wrong or does not come in time; the signal's
 * reason when it is aborted.
 */
export function openPeer(options: PeerOptions): Promise<Peer> {
  const { text, accept } = upgradeRequest(options);
  return new Promise((resolve, reject) => {
    let head: Buffer = Buffer.alloc(0);
    let peer: Peer | undefined;
    let hasFailed = false;

    const fail = (error: unknown) => {
      hasFailed = true;
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const onAnswer = (answer: UpgradeAnswer) => {
      clearTimeout(timer);
      checkAnswer(answer, accept);
      peer = new Peer(socket, answer, options);
      resolve(peer);
      if (answer.rest.length > 0) peer.take(answer.rest);
    };
    const onBytes = (chunk: Buffer, length: number) => {
      if (peer) return peer.take(chunk, length);
      head = Buffer.concat([head, chunk.subarray(0, length)]);
      try {
        const answer = readAnswer(head);
        if (answer?.isComplete) onAnswer(answer);
      } catch (error) {
        fail(error);
      }
    };
    /** An answer whose body has no stated length is complete at its end. */
    const onEnd = (because: string) => {
      if (peer || hasFailed) return;
      const answer = readAnswer(head);
      fail(answer ? new HandshakeRefused(answer) : new Error(`expected an answer to the handshake, found that ${because}`));
    };

    const socket = connectReading(options, onBytes);
    const timeoutMs = options.handshakeTimeoutMs ?? 10_000;
    const timer = setTimeout(() => onEnd(`none came within ${timeoutMs} ms`), timeoutMs);
    socket.on('error', (error) => fail(error));
    socket.once('end', () => onEnd('the connection was closed'));
    socket.once('close', () => onEnd('the connection was closed'));
    onAbort(options.signal, socket, () => fail(options.signal?.reason));
    socket.once(options.tls ? 'secureConnect' : 'connect', () => {
      socket.write(Buffer.concat([Buffer.from(text), options.glued ?? Buffer.alloc(0)]));
      if (options.endsAtOnce) socket.end();
    });
  });
}

function connectReading(options: PeerOptions, onBytes: (chunk: Buffer, length: number) => void): Socket {
  const { host, port, tls, localAddress } = options;
  const destination = { host, port, tls, ...(localAddress === undefined ? {} : { localAddress }) };
  if ((!options.onMessage && !options.onText) || tls) {
    return connectSocket(destination).on('data', (chunk: Buffer) => onBytes(chunk, chunk.length));
  }
  const callback = (length: number, buffer: Uint8Array) => {
    onBytes(buffer as Buffer, length);
    return true;
  };
  return connectSocket({ ...destination, onread: { buffer: options.readBuffer ?? READ_BUFFER, callback } });
}

function onAbort(signal: AbortSignal | undefined, socket: Socket, abort: () => void): void {
  if (!signal) return;
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', abort));
}
