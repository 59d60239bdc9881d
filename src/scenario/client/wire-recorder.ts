import type { WireEvent, WireLog } from '../wire.js';

const MOST_EVENTS = 200;
const MOST_CHARACTERS = 400;

/** Notes what goes over the lines of a case: the last 200 events of each client, payloads cut to 400 characters. */
export class WireRecorder {
  readonly #startedAt = performance.now();
  readonly #events = new Map<string, WireEvent[]>();

  /** @param payload what was sent or received; text, or bytes that may be text. */
  record(client: string, event: { direction: WireEvent['direction']; what: string; payload?: string | Uint8Array }): void {
    const events = this.#events.get(client) ?? [];
    this.#events.set(client, events);
    const payload = event.payload ?? '';
    events.push({
      atMs: performance.now() - this.#startedAt,
      direction: event.direction,
      what: event.what,
      payload: legible(payload),
      bytes: typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length,
    });
    if (events.length > MOST_EVENTS) events.shift();
  }

  /** All until now: what the end of the scene does to the lines comes later, and is none of the case. */
  get log(): WireLog {
    return Object.fromEntries([...this.#events].map(([client, events]) => [client, [...events]]));
  }
}

/** Text as it is, other bytes in hex, both cut. */
function legible(payload: string | Uint8Array): string {
  if (typeof payload === 'string') return cut(payload);
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, Math.min(payload.length, MOST_CHARACTERS * 4));
  const text = bytes.toString('utf8');
  const isText = !text.slice(0, -1).includes('\ufffd') || bytes.includes('\ufffd');
  return cut(isText ? text : bytes.toString('hex'));
}

function cut(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}…`;
}
