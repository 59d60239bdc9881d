import { type Access, CLOSE_CODES, closeName, type Dialect, type Position, type Topic, type TopicPosition } from '../protocol/index.js';
import type { Flusher } from './flusher.js';
import { encodeMessage } from './frame.js';
import type { Gate, Sender } from './gate.js';
import { type Beating, NO_SLOT } from './heartbeat.js';
import type { Counters, Log } from './observe.js';
import { Outbox } from './outbox.js';
import type { Peer } from './peer.js';
import type { Receiver } from './receive.js';
import { type Membership, tell, toldOf } from './registry/membership.js';
import type { Registry } from './registry/registry.js';
import { send } from './send.js';
import type { SocketOwner, WsSocket } from './ws-socket.js';

/** Who ended a connection, and why. */
interface Cause {
  readonly by: 'peer' | 'broker';
  readonly code: number;
  readonly reason: string;
}

/** Where a connection is in its life; who ends it first says why. */
type State =
  | { readonly kind: 'open' }
  | ({ readonly kind: 'closing' } & Cause)
  | ({ readonly kind: 'dropped' } & Cause)
  | { readonly kind: 'closed' };

/** Shared by all connections: most of them are open most of the time. */
const OPEN: State = { kind: 'open' };
const CLOSED: State = { kind: 'closed' };

/** Read from the peer before the first ping: more than nothing has come since. */
const NEVER = -1;

/** What all connections of a broker share. */
export interface ConnectionParts {
  readonly receiver: Receiver;
  readonly gate: Gate;
  readonly registry: Registry;
  readonly flusher: Flusher;
  readonly log: Log;
  readonly counters: Counters;
  /** The last position of a topic that has been fanned out here. */
  readonly head: (topic: Topic) => Position;
  /** Called once when the connection is gone. */
  readonly gone: (connection: Connection) => void;
}

/** What is known of a peer from its handshake. */
export interface Admission {
  readonly id: string;
  readonly address: string;
  readonly mayPublish: boolean;
}

/** One peer, from its handshake to the end of its socket. */
export class Connection implements Peer, SocketOwner, Sender, Beating {
  readonly id: string;
  access: Access;
  readonly outbox: Outbox;
  memberships: readonly Membership[] = [];
  slot = NO_SLOT;
  place = 0;
  readonly #parts: ConnectionParts;
  readonly #socket: WsSocket;
  /** In tenths of a second, whole ones: as exact as the log, and no number on the heap. */
  readonly #since = tenths();
  #state: State = OPEN;
  #bytesReadAtPing = NEVER;

  constructor(socket: WsSocket, admission: Admission, parts: ConnectionParts) {
    this.id = admission.id;
    this.access = { subscribe: 'all', publish: admission.mayPublish ? 'all' : [] };
    this.outbox = new Outbox(this, socket, parts.flusher);
    this.#socket = socket;
    this.#parts = parts;
    socket.own(this);
  }

  get dialect(): Dialect {
    return this.#socket.dialect;
  }

  get isOpen(): boolean {
    return this.#state.kind === 'open';
  }

  text(bytes: Buffer): void {
    if (this.#state.kind !== 'open' && this.#state.kind !== 'closing') return;
    const { gate, receiver } = this.#parts;
    // Who is being closed is not kept waiting: the time for its own close frame runs.
    if (gate.isOpen || !this.isOpen) receiver.text(this, bytes);
    else gate.wait(this, () => receiver.text(this, bytes));
  }

  get isHeldUp(): boolean {
    return this.#parts.gate.holds(this);
  }

  hold(answer: () => void): void {
    const { gate, flusher } = this.#parts;
    gate.wait(this, () => {
      if (this.outbox.socketBytes <= flusher.maxBytes) answer();
      else this.flooded();
    });
  }

  flooded(): void {
    if (this.#state.kind === 'open') this.drop(CLOSE_CODES.overloaded.code, 'reads no pongs');
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  binary(): void {
    this.#parts.gate.settle(this);
    this.#parts.receiver.binary(this);
  }

  drained(): void {
    this.outbox.flush();
  }

  closing(code: number): void {
    if (this.#state.kind !== 'open') return;
    // What came before its close frame is served first, and may be what closes the connection.
    this.#parts.gate.settle(this);
    if (!this.isOpen) return;
    this.#end({ by: 'peer', code, reason: '' });
    this.outbox.finish(() => {});
  }

  broken(because: string): void {
    this.#parts.log.warn({ connection: this.id, because }, 'broken frame');
    if (this.#state.kind === 'closing' && this.#state.by === 'peer') this.#state = { ...this.#state, by: 'broker', reason: because };
  }

  close(code: number, reason = ''): void {
    if (this.#state.kind !== 'open') return;
    this.#end({ by: 'broker', code, reason });
    this.outbox.finish(() => this.#socket.close(code, reason));
  }

  drop(code: number, reason: string): void {
    if (this.#state.kind === 'dropped' || this.#state.kind === 'closed') return;
    this.#state = { kind: 'dropped', by: 'broker', code, reason };
    if (code === CLOSE_CODES.timeout.code) this.#parts.counters.silent++;
    else if (code === CLOSE_CODES.overloaded.code) this.#parts.counters.tooSlow++;
    // First of all, for what waits for it elsewhere must not come here any more.
    this.outbox.discard();
    this.#parts.registry.remove(this);
    this.#socket.terminate();
  }

  closed(code: number): void {
    const cause = this.#state;
    if (cause.kind === 'closed') return;
    this.#state = CLOSED;
    this.outbox.discard();
    this.#parts.registry.remove(this);
    const { by, ...ended } = cause.kind === 'open' ? { by: 'peer', code, reason: '' } : cause;
    const seconds = (tenths() - this.#since) / 10;
    this.#parts.log.info(
      { connection: this.id, code: ended.code, reason: ended.reason || closeName(ended.code), by, seconds },
      'disconnected',
    );
    this.#parts.gone(this);
  }

  /**
   * One beat of the heartbeat: a peer from which nothing has come since the ping before is dropped, any
   * other is pinged, and told the marks of its topics if it speaks `wsn.v1`.
   */
  beat(): void {
    if (this.#state.kind !== 'open') return;
    const { bytesRead } = this.#socket;
    if (bytesRead === this.#bytesReadAtPing) {
      this.drop(CLOSE_CODES.timeout.code, 'no sign of life since the last ping');
      return;
    }
    // While its messages wait nothing is read from it, so its silence proves nothing.
    this.#bytesReadAtPing = this.isHeldUp ? NEVER : bytesRead;
    this.#socket.ping();
    if (this.dialect === 'v1') send(this, encodeMessage({ kind: 'mark', topics: this.#marks() }));
  }

  /** From here on nothing is delivered to the peer any more. */
  #end(cause: Cause): void {
    this.#state = { kind: 'closing', ...cause };
    this.#parts.registry.remove(this);
    // What it has sent before is served first; nothing of it may wait while the time for its close frame runs.
    this.#parts.gate.settle(this);
  }

  /** The topics that moved since the peer was last told of them; from now on it has been told. */
  #marks(): TopicPosition[] {
    const marks: TopicPosition[] = [];
    for (const membership of this.memberships) {
      const head = this.#parts.head(membership.group.topic);
      const told = toldOf(membership);
      if (head.epoch === told.epoch && head.offset === told.offset) continue;
      tell(membership, head);
      marks.push({ ...membership.group.topic, ...head });
    }
    return marks;
  }
}

/** Since the process started. */
function tenths(): number {
  return Math.round(performance.now() / 100);
}
