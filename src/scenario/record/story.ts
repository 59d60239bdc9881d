import { type Dialect, decodePeerMessage, type PeerMessage, SUBPROTOCOL } from '../../protocol/index.js';
import type { LineEvent, RecordedEvent, RecordedHandshake, RecordedRequest } from './event.js';

/** An event of a connection; `index` is its place among all that was seen. */
export type Moment = LineEvent & { readonly atMs: number; readonly index: number };

/** A text message of a client; `message` is `undefined` for one that the protocol refuses. */
export interface Saying {
  readonly index: number;
  readonly atMs: number;
  readonly text: string;
  readonly message: PeerMessage | undefined;
}

/** A WebSocket connection whose handshake was answered. */
export interface Line {
  readonly number: number;
  readonly handshake: RecordedHandshake;
  readonly status: number;
  readonly dialect: Dialect;
  /** Up to the first close frame, and the end behind that. */
  readonly moments: readonly Moment[];
  readonly said: readonly Saying[];
  /** Whether it did nothing but publish, as a back-end does: nothing of it has to be remembered but what it published. */
  readonly isEphemeral: boolean;
}

/** A request that was answered. */
export interface Exchange {
  readonly index: number;
  readonly atMs: number;
  /** When the answer came. */
  readonly answeredAt: number;
  readonly request: RecordedRequest;
  readonly status: number;
  readonly body: string;
}

/** What was seen, by connection. */
export interface Story {
  readonly lines: readonly Line[];
  readonly exchanges: readonly Exchange[];
  /** How many events there are. */
  readonly length: number;
}

/** Sorts events by their connections, and reads what clients said. */
export function readStory(events: readonly RecordedEvent[]): Story {
  const lines = new Map<number, Moment[]>();
  const exchanges: Exchange[] = [];
  const requests = new Map<number, Pick<Exchange, 'index' | 'atMs' | 'request'>>();
  for (const [index, event] of events.entries()) {
    if ('line' in event) {
      const moments = lines.get(event.line) ?? [];
      lines.set(event.line, moments);
      moments.push({ ...event, index });
    } else if (event.kind === 'request') requests.set(event.exchange, { index, atMs: event.atMs, request: event.request });
    else {
      const asked = requests.get(event.exchange);
      if (asked) exchanges.push({ ...asked, answeredAt: index, status: event.status, body: event.body });
    }
  }
  return {
    lines: [...lines].flatMap(([number, moments]) => lineOf(number, moments) ?? []),
    exchanges: exchanges.toSorted((a, b) => a.index - b.index),
    length: events.length,
  };
}

function lineOf(number: number, all: readonly Moment[]): Line | undefined {
  const opening = all.find((moment) => moment.kind === 'opening');
  const opened = all.find((moment) => moment.kind === 'opened');
  if (!opening || !opened) return undefined;
  const dialect = opened.subprotocol === SUBPROTOCOL ? 'v1' : 'base';
  const close = all.find(({ kind }) => kind === 'closing' || kind === 'ended');
  const moments = all.filter(({ kind, index }) => kind === 'ended' || close === undefined || index <= close.index);
  const said = moments.flatMap((moment): Saying[] =>
    moment.kind === 'said' ? [{ index: moment.index, atMs: moment.atMs, text: moment.text, message: read(moment.text, dialect) }] : [],
  );
  const { handshake } = opening;
  const isPlain = handshake.path === '/' && Object.keys(handshake.headers).length === 0 && handshake.subprotocols.length === 0;
  const isEphemeral =
    isPlain &&
    opened.status === 101 &&
    said.length > 0 &&
    said.every(({ message }) => message?.kind === 'publish') &&
    !moments.some(({ kind }) => kind === 'odd' || kind === 'heard');
  return { number, handshake, status: opened.status, dialect, moments, said, isEphemeral };
}

function read(text: string, dialect: Dialect): PeerMessage | undefined {
  try {
    return decodePeerMessage({ bytes: Buffer.from(text), text }, dialect);
  } catch {
    return undefined;
  }
}
