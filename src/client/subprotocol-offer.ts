/** What platforms say when the server selected none of the subprotocols that it was offered: `ws`, and Node 22. */
const DECLINED: readonly (string | undefined)[] = ['Server sent no subprotocol', 'Server did not respond with sent protocols.'];

/**
 * Which subprotocols to offer next. A broker that speaks only the base protocol selects none, and then the
 * WebSocket standard has the client fail the connection, so it must be tried again without an offer.
 */
export class SubprotocolOffer {
  readonly #wanted: readonly string[];
  #isDeclined = false;
  #isAccepted = false;
  #skipsOnce = false;

  constructor(wanted: readonly string[]) {
    this.#wanted = wanted;
  }

  /** The offer for the attempt that begins now. */
  next(): readonly string[] {
    if (this.#isDeclined || this.#skipsOnce) return [];
    return this.#wanted;
  }

  /** The server has selected one of the offer: it will again. */
  accepted(): void {
    this.#isAccepted = true;
  }

  /**
   * An attempt ended before its connection was open.
   * @param because what the platform said; a browser does not tell why, so the next attempt goes without an offer
   *   unless an offer was accepted before.
   * @returns whether the reason is known to be the offer: try again at once without it.
   */
  failed(because: string | undefined): boolean {
    if (this.#wanted.length === 0 || this.#isDeclined) return false;
    this.#isDeclined = DECLINED.includes(because);
    this.#skipsOnce = because === undefined && !this.#isAccepted && !this.#skipsOnce;
    return this.#isDeclined;
  }

  /** A connection was open and has ended: offer again, the broker may have been replaced by one that accepts. */
  ended(): void {
    this.#skipsOnce = false;
  }
}
