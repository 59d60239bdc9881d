import { type Access, CLOSE_CODES, closeName, type Dialect, type Position, type Topic } from '../protocol/index.js';
import type { Admission } from './admission.js';
import { type Cause, CLOSED, OPEN, type State } from './connection-state.js';
import { Deadline } from './deadline.js';
import type { Flusher } from './flusher.js';
import { encodeMessage } from './frame.js';
import type { Gate, Sender } from './gate.js';
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
import { Suspension, type Work } from './suspension.js';
import type { SocketOwner, WsSocket } from './ws-socket.js';

/** Beats that a message or control frame may take to be whole, unless much of it comes between two of them. */
const FRAME_BEATS = 8;

/** What somebody may do who has still to say who it is. */
const NOTHING: Access = { subscribe: [], publish: [] };

/** Read from the peer before the first ping: more than nothing has come since. */
const NEVER = -1;

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
export class Connection implements Peer, SocketOwner, Sender, Beating {
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
  #bytesReadAtPing = NEVER;
  /** What had come whole at the last beat, and for how many beats nothing more has. */
  #progress = 0;
  #beatsWithout = 0;
  /** Of its token, or of the time to bring one. */
  #deadline: Deadline | undefined;
  /** While a token of it is verified; undefined for those who never brought one in band. */
  #suspension: Suspension | undefined;

  constructor(socket: WsSocket, admission: Admission, parts: ConnectionParts) {
    this.id = admission.id;
    this.caller = admission.caller;
    this.isDirect = admission.isDirect;
    this.isForPublishers = admission.isForPublishers;
    this.outbox = new Outbox(this, socket, parts.flusher);
    this.#socket = socket;
    this.#parts = parts;
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
    const { gate } = this.#parts;
    // Who is being closed is not kept waiting: the time for its own close frame runs.
    if (gate.isOpen || !this.isOpen) this.#receive(bytes);
    else gate.wait(this, () => this.#receive(bytes));
  }

  pinged(): void {
    const { limiter } = this.#parts;
    const waitMs = this.isOpen ? limiter.message(this) : 0;
    if (waitMs > 0) this.close(CLOSE_CODES.tooMany.code, limiter.tooManyMessages(this, waitMs));
  }

  suspend(work: Work): void {
    this.#suspension ??= new Suspension({
      began: () => this.pause(),
      over: () => {
        if (!this.#parts.gate.holds(this)) this.resume();
      },
      failed: (error) => {
        this.#parts.log.error({ err: error, connection: this.id }, 'a token provoked a bug');
        this.close(CLOSE_CODES.internal.code);
      },
    });
    this.#suspension.begin(work);
  }

  get isHeldUp(): boolean {
    return this.#isSuspended || this.#parts.gate.holds(this);
  }

  hold(answer: () => void): void {
    const { gate, flusher } = this.#parts;
    const act = (): void => {
      if (this.outbox.socketBytes <= flusher.maxBytes) answer();
      else this.flooded();
    };
    if (gate.holds(this)) gate.wait(this, () => this.#inTurn(act));
    else this.#inTurn(act);
  }

  flooded(): void {
    if (this.#state.kind === 'open') this.drop(CLOSE_CODES.overloaded.code, 'reads no pongs');
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    // The gate knows nothing of a token that is being verified.
    if (!this.#isSuspended) this.#socket.resume();
  }

  binary(): void {
    this.#parts.gate.settle(this);
    this.#inTurn(() => this.#parts.receiver.binary(this));
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
    const { bytesRead } = this.#socket;
    if (bytesRead === this.#bytesReadAtPing) {
      this.drop(CLOSE_CODES.timeout.code, 'no sign of life since the last ping');
      return;
    }
    this.#beatsWithout = this.#socket.progress === this.#progress && !this.isHeldUp ? this.#beatsWithout + 1 : 0;
    this.#progress = this.#socket.progress;
    if (this.#beatsWithout >= FRAME_BEATS) {
      this.drop(CLOSE_CODES.timeout.code, 'a message does not end');
      return;
    }
    // While its messages wait nothing is read from it, so its silence proves nothing.
    this.#bytesReadAtPing = this.isHeldUp ? NEVER : bytesRead;
    this.#socket.ping();
    if (this.dialect === 'v1') send(this, encodeMessage({ kind: 'mark', topics: takeMarks(this.memberships, this.#parts.head) }));
  }

  get #isSuspended(): boolean {
    return this.#suspension?.isOn === true;
  }

  /** Acts on what the peer has sent, behind the token that is being verified if there is one. */
  #inTurn(act: () => void): void {
    if (this.#suspension) this.#suspension.inTurn(act);
    else act();
  }

  #receive(bytes: Buffer): void {
    if (this.#isSuspended) this.#inTurn(() => this.#parts.receiver.text(this, bytes));
    else this.#parts.receiver.text(this, bytes);
  }

  #expectToken(): void {
    this.#deadline = new Deadline();
    const timeoutMs = this.#parts.firstMessageTimeoutMs();
    this.#deadline.set(Date.now() + timeoutMs, () => {
      // One that is being verified came in time, and whoever verifies it has a time of his own.
      if (!this.#isSuspended) this.close(CLOSE_CODES.timeout.code, `no token came within ${timeoutMs} ms`);
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
    this.#suspension?.forget();
  }

  /** From here on nothing is delivered to the peer any more. */
  #end(cause: Cause): void {
    this.#state = { kind: 'closing', ...cause };
    this.#parts.registry.remove(this);
    // What it has sent before is served first; nothing of it may wait while the time for its close frame runs.
    this.#parts.gate.settle(this);
  }
}

/** Since the process started. */
function tenths(): number {
  return Math.round(performance.now() / 100);
}
