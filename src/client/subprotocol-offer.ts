/** What `ws` and Node 22 say when the server selected none: "Server sent no subprotocol", "Server did not respond with sent protocols." */
const DECLINED = /subprotocol|sent protocols/;

/**
 * Which subprotocols to offer next. A broker that speaks only the base protocol selects none, and then the
 * WebSocket standard has the client fail the connection, so it must be tried again without an offer. A browser does not tell why an
 * attempt failed: there it is known only when one without an offer is opened and one with it, right after that, is not.
 */
export class SubprotocolOffer {
  readonly #wanted: readonly string[];
  /** What is known: nothing; that an attempt without an offer is due, or was opened, so that the next offer tells; what came of it. */
  #answer: 'none' | 'unknown' | 'asked' | 'taken' | 'declined' = 'none';

  constructor(wanted: readonly string[]) {
    this.#wanted = wanted;
  }

  /** The offer for the attempt that begins now. */
  next(): readonly string[] {
    return this.#answer === 'declined' || this.#answer === 'unknown' ? [] : this.#wanted;
  }

  /** The server has selected one of the offer: it will again. */
  accepted(): void {
    this.#answer = 'taken';
  }

  /** A connection was opened without an answer to an offer. @returns whether to give it up and offer again, to know. */
  openedBare(): boolean {
    if (this.#answer !== 'unknown') return false;
    this.#answer = 'asked';
    return true;
  }

  /**
   * An attempt ended before its connection was open.
   * @param because what the platform said; a browser says nothing.
   * @param mayBeBare whether to find out by an attempt without an offer.
   * @returns whether it is known to be for the offer: try again at once without it.
   */
  failed(because: string | undefined, mayBeBare: boolean): boolean {
    if (this.#wanted.length === 0) return false;
    if (this.#answer === 'declined') this.#answer = 'asked';
    else if (DECLINED.test(because ?? '') || (this.#answer === 'asked' && because === undefined)) {
      this.#answer = 'declined';
      return true;
    } else if (because === undefined && mayBeBare && this.#answer !== 'taken') this.#answer = this.#answer === 'none' ? 'unknown' : 'none';
    return false;
  }

  /** A connection was open and has ended: offer again, the broker may have been replaced by one that accepts. */
  ended(): void {
    if (this.#answer === 'declined') this.#answer = 'asked';
  }
}
