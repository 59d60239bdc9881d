import { type Frame, OPCODE } from '../../peer/index.js';
import type { Dialect } from '../../protocol/index.js';
import { StepFailure } from '../run/step-failure.js';
import { type Arrival, FENCE_TOKEN, kindOf, readArrival } from './arrival.js';
import { FrameCheck, FrameViolation } from './frame-check.js';

/** A frame that came, and whether a step has claimed it. */
export interface FrameArrival {
  readonly frame: Frame;
  isClaimed: boolean;
}

/** The close frame of a server; 1005 is one without a code. */
export interface CloseFrame {
  readonly code: number;
  readonly reason: string;
}

/** What has come to a client, over all its connections, and whether it is what a server may send. */
export class Inbox {
  readonly #name: string;
  readonly #arrivals: Arrival[] = [];
  readonly #fences: Arrival[] = [];
  readonly #frames: FrameArrival[] = [];
  #check = new FrameCheck();
  #messagesOfConnection = 0;
  #closeFrame: CloseFrame | undefined;
  #violation: StepFailure | undefined;

  /** @param name of the client, for messages. */
  constructor(name: string) {
    this.#name = name;
  }

  /** All messages but fences, in the order in which they came. */
  get arrivals(): readonly Arrival[] {
    return this.#arrivals;
  }

  /** Fences, also those that were for others. */
  get fences(): readonly Arrival[] {
    return this.#fences;
  }

  get frames(): readonly FrameArrival[] {
    return this.#frames;
  }

  /** Of this connection, as soon as it is there. */
  get closeFrame(): CloseFrame | undefined {
    return this.#closeFrame;
  }

  /** A new connection begins; what came over those before stays. */
  beginConnection(): void {
    this.#check = new FrameCheck();
    this.#messagesOfConnection = 0;
    this.#closeFrame = undefined;
  }

  /** Takes the next frame of the connection; its payload has to be a copy. */
  take(frame: Frame, dialect: Dialect): void {
    this.#frames.push({ frame, isClaimed: false });
    try {
      const message = this.#check.take(frame);
      if (message) this.#takeMessage(message.toString('utf8'), dialect);
    } catch (error) {
      if (!(error instanceof FrameViolation)) throw error;
      this.violate(error.message);
    }
    if (frame.opcode === OPCODE.close) this.#closeFrame = closeFrameOf(frame.payload);
  }

  /** The first violation is the one that is told. */
  violate(message: string, actual = '', rule = 'R-2.1'): void {
    this.#violation ??= new StepFailure(`${this.#name}: ${message}`, { actual, rule });
  }

  /** @throws StepFailure when the server has sent what it must not send. */
  assertUnviolated(): void {
    if (this.#violation) throw this.#violation;
  }

  #takeMessage(text: string, dialect: Dialect): void {
    const arrival = readArrival(text);
    if (!arrival) {
      this.violate('a text message came that is none of the protocol: expected a JSON object whose sender is "server"', text);
      return;
    }
    this.#messagesOfConnection++;
    if (dialect === 'v1' && this.#messagesOfConnection === 1 && kindOf(arrival) !== 'hello') {
      this.violate('the first message is no hello, which comes before anything else', text, 'R-5.3');
    }
    if (arrival.token?.startsWith(FENCE_TOKEN)) this.#fences.push(arrival);
    else this.#arrivals.push(arrival);
  }
}

function closeFrameOf(payload: Buffer): CloseFrame {
  return { code: payload.length < 2 ? 1005 : payload.readUInt16BE(0), reason: payload.toString('utf8', 2) };
}
