import type { Gate, Sender } from './gate.js';
import { Settling } from './settling.js';
import { Suspension, type Work } from './suspension.js';

/** Whose messages are put in turn. */
interface Owner {
  /** Reads nothing from the peer any more, or reads on. */
  pause(): void;
  resume(): void;
  /** What had to wait has thrown, which is a bug. */
  failed(error: unknown): void;
}

/**
 * Has what one peer sends take effect in its order: behind what waits at the gate, behind a token that is being
 * verified or a topic that is waited for, and, but for further publications, behind its publications that are on their way
 * into the log.
 */
export class Turns implements Sender {
  readonly #gate: Gate;
  readonly #owner: Owner;
  /** Undefined for those who never published. */
  #settling: Settling | undefined;
  /** Undefined for those of whom nothing ever had to wait. */
  #suspension: Suspension | undefined;

  constructor(gate: Gate, owner: Owner) {
    this.#gate = gate;
    this.#owner = owner;
  }

  /** Whether something has to wait for a while. */
  get isSuspended(): boolean {
    return this.#suspension?.isOn === true;
  }

  /** Whether publications are on their way into the log. */
  get isUnsettled(): boolean {
    return this.#settling !== undefined && !this.#settling.isOver;
  }

  /** Whether publications are on their way, or something waits that may be one. */
  get isOwing(): boolean {
    return this.isUnsettled || this.#suspension?.hasWaiting === true;
  }

  /** Whether anything that the peer has sent has not taken effect. */
  get isHeldUp(): boolean {
    return this.isSuspended || this.isUnsettled || this.#gate.holds(this);
  }

  begun(): void {
    this.#settling ??= new Settling();
    this.#settling.begun();
  }

  settled(): void {
    this.#settling?.settled();
  }

  whenSettled(act: () => void): void {
    if (this.#settling) this.#settling.after(act);
    else act();
  }

  /** Acts when no publication is on its way, before anything that waits for that. */
  onceSettled(act: () => void): void {
    if (this.#settling) this.#settling.first(act);
    else act();
  }

  /** Has nothing else of the peer take effect before `work` has called back. */
  suspend(work: Work): void {
    this.#suspension ??= new Suspension({
      began: () => this.pause(),
      over: () => {
        if (!this.#gate.holds(this)) this.resume();
      },
      failed: (error) => this.#owner.failed(error),
    });
    this.#suspension.begin(work);
  }

  /** Acts on a text message when it is its turn. @param isHurried who is being closed does not wait at the gate. */
  text(act: () => void, isHurried: boolean): void {
    if (this.#gate.isOpen || isHurried) this.inTurn(act);
    else this.#gate.wait(this, () => this.inTurn(act));
  }

  /** Answers a ping behind all that came before it. */
  pong(answer: () => void): void {
    if (this.#gate.holds(this)) this.#gate.wait(this, () => this.settledFirst(answer));
    else this.settledFirst(answer);
  }

  /** Acts behind all that is waited for, publications that are on their way among it. */
  settledFirst(act: () => void): void {
    this.inTurn(() => {
      if (this.isUnsettled) this.suspend((done) => this.whenSettled(() => done(act)));
      else act();
    });
  }

  /** Acts behind what is waited for, if anything is. */
  inTurn(act: () => void): void {
    if (this.#suspension) this.#suspension.inTurn(act);
    else act();
  }

  /** Acts at once on all that waits at the gate: what comes next ends the connection. */
  settleGate(): void {
    this.#gate.settle(this);
  }

  /** What is suspended shall have no effect any more. */
  forget(): void {
    this.#suspension?.forget();
  }

  pause(): void {
    this.#owner.pause();
  }

  resume(): void {
    // The gate knows nothing of what is waited for.
    if (!this.isSuspended) this.#owner.resume();
  }
}
