import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Client } from 'autocannon';
import { reasonOf } from '../../target.js';
import type { HttpAnswer } from './http-answer.js';

/** What a connection tells. */
export interface HttpLineEvents {
  /** It is connected and has nothing to do: the moment to give it something. */
  onFree(line: HttpLine): void;
  onAnswer(index: number, answer: HttpAnswer): void;
  /** The connection ended before this was answered. */
  onBroken(index: number, why: string): void;
  /** No connection can be made, or it was ended: it is of no use from now on. */
  onEnded(line: HttpLine, why: string): void;
}

/** What a client of autocannon has beside what its types say. */
interface DrivenClient extends Client {
  readonly conn: Socket;
  /** Asked for the next request at the beginning of each connection, and after each answer. */
  getRequestBuffer(): Buffer;
  destroy(): void;
}

type State =
  | { readonly kind: 'connecting' | 'free' | 'ended' }
  | { readonly kind: 'busy'; readonly index: number; hasBegunAnswer: boolean };

const NOTHING = Buffer.alloc(0);

/**
 * One connection of autocannon, which by itself sends the next request as soon as the last one is answered, and
 * connects anew when its connection ends. This one hands it no bytes then, and writes the request when it is due:
 * autocannon takes the broker for slow, and the plan is kept.
 */
export class HttpLine {
  readonly #client: DrivenClient;
  readonly #events: HttpLineEvents;
  readonly #isAnybodyTrusted: boolean;
  readonly #requestBytes: () => Buffer;
  #socket: Socket | undefined;
  #state: State = { kind: 'connecting' };
  /** While autocannon asks for bytes: what it will get. */
  #asked: { bytes: Buffer } | undefined;

  /**
   * @param client as `setupClient` gets it, before it connects.
   * @param isAnybodyTrusted whether the certificate of the broker is not looked at.
   */
  constructor(client: Client, events: HttpLineEvents, isAnybodyTrusted = false) {
    this.#isAnybodyTrusted = isAnybodyTrusted;
    this.#client = client as DrivenClient;
    this.#events = events;
    this.#requestBytes = this.#client.getRequestBuffer.bind(client);
    this.#client.getRequestBuffer = () => this.#onAsked();
    client.setRequests([{ onResponse: (status, body) => this.#onAnswer({ status, body }) }]);
    client.on('headers', () => {
      if (this.#state.kind === 'busy') this.#state.hasBegunAnswer = true;
    });
    this.#client.addListener('connError', (error: Error) => this.#onError(error));
  }

  get isFree(): boolean {
    return this.#state.kind === 'free';
  }

  /** Sends a request with this body, which it copies; only when it is free. */
  send(index: number, body: Buffer): void {
    this.#state = { kind: 'busy', index, hasBegunAnswer: false };
    this.#client.setBody(body);
    const bytes = this.#requestBytes();
    if (this.#asked) this.#asked.bytes = bytes;
    else this.#client.conn.write(bytes);
  }

  /** Ends it at once. */
  end(why: string): void {
    const state = this.#state;
    if (state.kind === 'ended') return;
    this.#state = { kind: 'ended' };
    this.#client.destroy();
    if (state.kind === 'busy') this.#events.onBroken(state.index, why);
    this.#events.onEnded(this, why);
  }

  #onAsked(): Buffer {
    if (this.#state.kind === 'ended') return NOTHING;
    if (this.#client.conn !== this.#socket) this.#onNewSocket(this.#client.conn);
    else if (this.#state.kind === 'free') return this.#askFor();
    return NOTHING;
  }

  #askFor(): Buffer {
    const asked = { bytes: NOTHING };
    this.#asked = asked;
    this.#events.onFree(this);
    this.#asked = undefined;
    return asked.bytes;
  }

  #onNewSocket(socket: Socket): void {
    const previous = this.#socket;
    this.#socket = socket;
    // A late error of the previous one would make autocannon open one more.
    previous?.removeAllListeners().on('error', () => {});
    previous?.destroy();
    this.#lose('the connection was closed before the answer');
    socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
      if (socket !== this.#socket || this.#state.kind !== 'connecting') return;
      // Autocannon trusts anybody, and what is sent next may be a key.
      if (socket instanceof TLSSocket && !socket.authorized && !this.#isAnybodyTrusted) {
        const code = String(socket.authorizationError);
        this.end(reasonOf({ code, message: code }));
        return;
      }
      this.#state = { kind: 'free' };
      this.#events.onFree(this);
    });
  }

  /** The connection is gone; autocannon makes another. */
  #lose(why: string): void {
    const state = this.#state;
    this.#state = { kind: 'connecting' };
    if (state.kind !== 'busy') return;
    this.#events.onBroken(state.index, why);
    // Autocannon goes on reading where it was: it would take the next answer for the rest of this one.
    if (state.hasBegunAnswer) setImmediate(() => this.end(why));
  }

  #onError(error: Error): void {
    if (this.#state.kind === 'connecting') this.end(reasonOf(error));
    else this.#lose(reasonOf(error));
  }

  #onAnswer(answer: HttpAnswer): void {
    const state = this.#state;
    if (state.kind !== 'busy') return;
    this.#state = { kind: 'free' };
    this.#events.onAnswer(state.index, answer);
  }
}
