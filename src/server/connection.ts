import { type Access, CLOSE_CODES, closeName, type Dialect, type Position, type Topic } from '../protocol/index.js';
import type { Admission } from './admission.js';
import { type Cause, CLOSED, OPEN, type State } from './connection-state.js';
import { Deadline } from './deadline.js';
import type { Flusher } from './flusher.js';
import { encodeMessage } from './frame.js';
import type { Gate } from './gate.js';
import { type Beating, NO_SLOT } from './heartbeat.js';
import type { Caller, Identity } from './identity/identity.js';
import type { Limiter, Meter } from './limits/limiter.js';
import { takeMarks } from './marks.js';
import type { Counters, Log } from './observe.js';
import { Outbox } from './outbox.js';
import type { Peer } from './peer.js';
import type { Receiver } from './receive.js';
import type { Membership } from './registry/membership.js';
import type { Registry } from './registry/registry.js';
import { send } from './send.js';
import { SignsOfLife } from './signs-of-life.js';
import type { Work } from './suspension.js';
import { Turns } from './turns.js';
import type { SocketOwner, WsSocket } from './ws-socket.js';

/** What somebody may do who has still to say who it is. */
const NOTHING: Access = { subscribe: [], publish: [] };

/** What all connections of a broker share. */
export interface ConnectionParts {
  readonly receiver: Receiver;
  readonly gate: Gate;
  readonly limiter: Limiter;
  readonly registry: Registry;
  readonly flusher: Flusher;
  readonly log: Log;
  readonly counters: Counters;
  /** How long a peer may take to bring its token, in ms. */
  readonly firstMessageTimeoutMs: () => number;
  /** The last position of a topic that has been fanned out here. */
  readonly head: (topic: Topic) => Position;
  /** Called once when the connection is gone. */
  readonly gone: (connection: Connection) => void;
}

/** One peer, from its handshake to the end of its socket. */
export class Connection implements Peer, SocketOwner, Beating {
  readonly id: string;
  readonly caller: Caller;
  readonly isDirect: boolean;
  readonly isForPublishers: boolean;
  readonly outbox: Outbox;
  identity: Identity | undefined;
  meter: Meter | undefined;
  memberships: readonly Membership[] = [];
  slot = NO_SLOT;
  place = 0;
  readonly #parts: ConnectionParts;
  readonly #socket: WsSocket;
  /** In tenths of a second, whole ones: as exact as the log, and no number on the heap. */
  readonly #since = tenths();
  #state: State = OPEN;
  readonly #signs = new SignsOfLife();
  /** Of its token, or of the time to bring one. */
  #deadline: Deadline | undefined;
  readonly #turns: Turns;

  constructor(socket: WsSocket, admission: Admission, parts: ConnectionParts) {
    this.id = admission.id;
    this.caller = admission.caller;
    this.isDirect = admission.isDirect;
    this.isForPublishers = admission.isForPublishers;
    this.outbox = new Outbox(this, socket, parts.flusher);
    this.#socket = socket;
    this.#parts = parts;
    this.#turns = new Turns(parts.gate, this);
    socket.own(this);
    if (admission.identity) this.become(admission.identity);
    else this.#expectToken();
  }

  get dialect(): Dialect {
    return this.#socket.dialect;
  }

  get isOpen(): boolean {
    return this.#state.kind === 'open';
  }

  get address(): string {
    return this.caller.address;
  }

  get access(): Access {
    return this.identity?.access ?? NOTHING;
  }

  become(identity: Identity): void {
    if (this.#isDisowned) return;
    this.identity = identity;
    // Most identities never end: they cost no timer.
    if (!this.isOpen || (identity.expiresAt === undefined && !this.#deadline)) return;
    this.#deadline ??= new Deadline();
    this.#deadline.set(identity.expiresAt, () => this.close(CLOSE_CODES.unauthenticated.code, 'the token has expired'));
  }

  text(bytes: Buffer): void {
    if (this.#state.kind !== 'open' && this.#state.kind !== 'closing') return;
    // Who is being closed is not kept waiting: the time for its own close frame runs.
    this.#turns.text(() => this.#parts.receiver.text(this, bytes), !this.isOpen);
  }

  pinged(): void {
    const { limiter } = this.#parts;
    const waitMs = this.isOpen ? limiter.message(this) : 0;
    if (waitMs > 0) this.#turns.settledFirst(() => this.close(CLOSE_CODES.tooMany.code, limiter.tooManyMessages(this, waitMs)));
  }

  suspend(work: Work): void {
    this.#turns.suspend(work);
  }

  get isUnsettled(): boolean {
    return this.#turns.isUnsettled;
  }

  begun(): void {
    this.#turns.begun();
  }

  settled(): void {
    this.#turns.settled();
  }

  whenSettled(act: () => void): void {
    this.#turns.whenSettled(act);
  }

  get isHeldUp(): boolean {
    return this.#turns.isHeldUp;
  }

  hold(answer: () => void): void {
    this.#turns.pong(() => {
      if (this.outbox.socketBytes <= this.#parts.flusher.maxBytes) answer();
      else this.flooded();
    });
  }

  failed(error: unknown): void {
    this.#parts.log.error({ err: error, connection: this.id }, 'a message that had to wait provoked a bug');
    this.close(CLOSE_CODES.internal.code);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  flooded(): void {
    if (this.#state.kind === 'open') this.drop(CLOSE_CODES.overloaded.code, 'reads no pongs');
  }

  binary(): void {
    this.#turns.settleGate();
    this.#turns.settledFirst(() => this.#parts.receiver.binary(this));
  }

  drained(): void {
    this.outbox.flush();
  }

  awaits(code: number): boolean {
    if (this.#state.kind !== 'open') return false;
    this.#turns.settleGate();
    if (!this.#turns.isOwing) return false;
    // What it has published decides with which code it is answered.
    this.#turns.settledFirst(() => {
      if (this.isOpen) this.#socket.close(code === CLOSE_CODES.noStatus.code ? undefined : code);
    });
    return true;
  }

  ended(end: () => void): void {
    if (this.#state.kind === 'open') this.#turns.settleGate();
    // Behind the flush of this turn, which has the receipts.
    if (this.#turns.isOwing) this.#turns.settledFirst(() => setImmediate(end));
    else end();
  }

  closing(code: number): void {
    if (this.#state.kind !== 'open') return;
    // What came before its close frame is served first, and may be what closes the connection.
    this.#turns.settleGate();
    if (!this.isOpen) return;
    this.#end({ by: 'peer', code, reason: '' });
    this.outbox.finish(() => {});
  }

  broken(because: string): void {
    this.#parts.log.warn({ connection: this.id, because }, 'broken frame');
    if (this.#state.kind === 'closing' && this.#state.by === 'peer') this.#state = { ...this.#state, by: 'broker', reason: because };
  }

  served(): void {
    this.#turns.onceSettled(() => this.close(CLOSE_CODES.normal.code));
  }

  leave(code: number, reason: string): void {
    this.whenSettled(() => this.close(code, reason));
  }

  close(code: number, reason = '', logged = reason): void {
    if (this.#state.kind !== 'open') return;
    this.#end({ by: 'broker', code, reason: logged });
    if (this.#isDisowned) this.#disown();
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
    this.#deadline?.clear();
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
    const trouble = this.#signs.beat(this.#socket, this.isHeldUp);
    if (trouble !== undefined) {
      this.drop(CLOSE_CODES.timeout.code, trouble);
      return;
    }
    this.#socket.ping();
    if (this.dialect === 'v1') send(this, encodeMessage({ kind: 'mark', topics: takeMarks(this.memberships, this.#parts.head) }));
  }

  #expectToken(): void {
    this.#deadline = new Deadline();
    const timeoutMs = this.#parts.firstMessageTimeoutMs();
    this.#deadline.set(Date.now() + timeoutMs, () => {
      // One that is being verified came in time, and whoever verifies it has a time of his own.
      if (!this.#turns.isSuspended) this.close(CLOSE_CODES.timeout.code, `no token came within ${timeoutMs} ms`);
    });
  }

  /** Whether the broker closes the connection because it does not know the peer, or not any more. */
  get #isDisowned(): boolean {
    const state = this.#state;
    return state.kind === 'closing' && state.by === 'broker' && state.code === CLOSE_CODES.unauthenticated.code;
  }

  /** Publications still count that come before the peer's close frame, but not of somebody whom nobody knows. */
  #disown(): void {
    this.identity = undefined;
    this.#turns.forget();
  }

  /** From here on nothing is delivered to the peer any more. */
  #end(cause: Cause): void {
    this.#state = { kind: 'closing', ...cause };
    this.#parts.registry.remove(this);
    // What it has sent before is served first; nothing of it may wait while the time for its close frame runs.
    this.#turns.settleGate();
  }
}

/** Since the process started. */
function tenths(): number {
  return Math.round(performance.now() / 100);
}
