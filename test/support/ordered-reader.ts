import type { Peer, PeerOptions } from '../../src/peer/index.js';
import type { Broker } from '../../src/server/index.js';
import { connect, connectV1, publication, subscribe, TOPIC } from './peers.js';

/** A subscriber of `TOPIC` that reads on and on, counts the notifications of `burstText`, and notes what is out of order. */
export interface OrderedReader {
  readonly peer: Peer;
  /** Notifications that have come. */
  readonly count: number;
  /** What came where something else was due: a position that leaves a hole, or a publisher's number that is not its next. */
  readonly faults: readonly string[];
}

/** A publisher's message that `OrderedReader` understands: the `number`-th, from 1 up, of `publisher`, about `bytes` long. */
export function burstText(publisher: number, number: number, bytes: number): string {
  return publication({ ...TOPIC, data: [publisher, number], message: 'm'.repeat(bytes) });
}

const DATA = /"data":\[(\d+),(\d+)\]/;
const OFFSET = /"offset":(\d+)\}\}$/;

/** Opens one; its subscription is in force. With `wsn.v1` positions are checked too. */
export async function openOrderedReader(
  broker: Broker,
  dialect: 'base' | 'v1',
  options: Partial<PeerOptions> = {},
): Promise<OrderedReader> {
  const state = { count: 0, offset: 0, faults: [] as string[], numbers: new Map<string, number>() };
  const onMessage = (bytes: Buffer): void => {
    const [, publisher = '', number] = DATA.exec(bytes.toString('latin1', 0, 200)) ?? [];
    if (number === undefined) return;
    state.count++;
    const due = (state.numbers.get(publisher) ?? 0) + 1;
    state.numbers.set(publisher, Number(number));
    if (Number(number) !== due) state.faults.push(`${number} of publisher ${publisher} came, ${due} was due`);
    if (dialect === 'base') return;
    const offset = Number(OFFSET.exec(bytes.toString('latin1', Math.max(0, bytes.length - 100)))?.[1]);
    if (offset !== ++state.offset) state.faults.push(`offset ${offset} came, ${state.offset} was due`);
  };
  const peer = await (dialect === 'v1' ? connectV1 : connect)(broker, { onMessage, ...options });
  await subscribe(peer, [TOPIC]);
  return Object.assign(state, { peer });
}
