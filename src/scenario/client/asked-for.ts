import { type FrameSpec, OPCODE } from '../../peer/index.js';
import { type Dialect, decodePeerMessage, type Subscription } from '../../protocol/index.js';

/** What a client has asked for with the frames that it sent: its subscriptions, as far as a server had to take them. */
export class AskedFor {
  #subscriptions: readonly Subscription[] = [];
  #setsSent = 0;
  /** A message that is being sent in fragments. */
  #fragments: Buffer[] | undefined;

  get subscriptions(): readonly Subscription[] {
    return this.#subscriptions;
  }

  /** Valid messages of subscriptions, over all connections; a `wsn.v1` server answers each. */
  get setsSent(): number {
    return this.#setsSent;
  }

  /** A new connection begins without subscriptions. */
  beginConnection(): void {
    this.#subscriptions = [];
    this.#fragments = undefined;
  }

  note({ opcode, fin = true, payload = '' }: FrameSpec, dialect: Dialect): void {
    if (opcode >= 8) return;
    this.#fragments = [...(opcode === OPCODE.continuation ? (this.#fragments ?? []) : []), Buffer.from(payload)];
    if (!fin) return;
    const bytes = Buffer.concat(this.#fragments);
    this.#fragments = undefined;
    try {
      const message = decodePeerMessage({ bytes, text: bytes.toString() }, dialect);
      if (message.kind !== 'subscribe') return;
      this.#subscriptions = message.subscriptions;
      this.#setsSent++;
    } catch {
      // What the server has to refuse changes nothing.
    }
  }
}
