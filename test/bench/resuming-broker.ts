import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Position, SubscribeMessage, TopicPosition } from '../../src/protocol/index.js';

/** How a broker goes wrong when somebody resumes. */
export type Mistake =
  /** Every fourth delivery of a replay is left out. */
  | 'loses'
  /** The last one before the resume comes once more, with its position. */
  | 'repeats'
  /** The same, with a new position. */
  | 'duplicates'
  /** The replay begins one too late. */
  | 'skips'
  /** What is older than the last two has been trimmed, and it is `recovered` all the same. */
  | 'lies'
  /** The same, and it says so. */
  | 'trims';

/** What the broker did, delivery by delivery: each channel has one subscriber. */
interface Ledger {
  readonly recovered: Set<number>;
  readonly lost: Set<number>;
  readonly unrecovered: Set<number>;
  repeated: number;
  duplicated: number;
}

interface Entry extends Position {
  /** Of a notification of the load; `undefined` for a canary. */
  readonly index: number | undefined;
  readonly channel: number;
  readonly text: string;
}

interface Message extends Partial<Pick<SubscribeMessage, 'resume'>> {
  readonly id?: string;
  readonly subscriptions?: readonly {
    readonly package: string;
    readonly page: string;
    readonly filters: { values: { channel: string[] } };
  }[];
  readonly notification?: {
    readonly data?: { readonly index?: string };
    readonly filters?: { readonly values: { readonly channel: string } };
  };
}

/** Of a resume, how many entries at the end of a trimmed history are left. */
const KEPT = 2;

/** A broker of one topic that lets subscribers resume, goes wrong as it is told to, by channel, and knows what it did. */
export async function startResumingBroker(mistakeOf: (channel: number) => Mistake | undefined, { newEpoch = false } = {}) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: () => 'wsn.v1' });
  await once(server, 'listening');
  const ledger: Ledger = { recovered: new Set(), lost: new Set(), unrecovered: new Set(), repeated: 0, duplicated: 0 };
  const log: Entry[] = [];
  const peers = new Map<WebSocket, number>();
  let head: Position = { epoch: 'one', offset: 0 };
  let resumes = 0;

  const append = (entry: Pick<Entry, 'index' | 'channel' | 'text'>): Entry => {
    head = { ...head, offset: head.offset + 1 };
    const appended = { ...entry, ...head };
    log.push(appended);
    return appended;
  };
  const publish = (socket: WebSocket, { id, notification }: Message, text: string) => {
    const name = notification?.data?.index ?? '';
    const entry = append({
      index: /^\d/.test(name) ? Number.parseInt(name, 10) : undefined,
      channel: Number(notification?.filters?.values.channel),
      text,
    });
    for (const [peer, channel] of peers) if (channel === entry.channel) deliver(peer, entry);
    const receipt = { position: positionOf(entry), matched: 1, duplicate: false };
    socket.send(JSON.stringify({ sender: 'server', id, receipt }));
  };
  const subscribe = (socket: WebSocket, { subscriptions = [], resume }: Message) => {
    const [{ package: name, page, filters } = { package: '', page: '', filters: { values: { channel: [] } } }] = subscriptions;
    const channel = Number(filters.values.channel[0]);
    const from = resume?.[0];
    if (from && newEpoch && resumes++ === 0) {
      head = { epoch: 'two', offset: 0 };
      for (const peer of peers.keys()) peer.send(JSON.stringify({ sender: 'server', reset: [{ package: name, page, ...head }] }));
    }
    const { entries, anew, ...answer } = from ? replay(channel, from) : { entries: [], anew: undefined };
    socket.send(JSON.stringify({ sender: 'server', subscribed: { topics: [{ package: name, page, ...head, ...answer }] } }));
    for (const entry of entries) deliver(socket, entry);
    if (anew) deliver(socket, append(anew));
    peers.set(socket, channel);
  };
  const replay = (channel: number, from: TopicPosition) => {
    const at = log.findIndex(({ epoch, offset }) => epoch === from.epoch && offset > from.offset);
    const own = (entries: readonly Entry[]) => entries.filter((entry) => entry.channel === channel);
    const missed = own(at === -1 ? [] : log.slice(at));
    const last = own(at === -1 ? log : log.slice(0, at)).at(-1);
    if (from.epoch !== head.epoch) return unrecovered(missed);
    const mistake = mistakeOf(channel);
    const trimmed = mistake === 'trims' || mistake === 'lies' ? missed.slice(0, -KEPT) : [];
    if (mistake === 'trims' && trimmed.length > 0) return unrecovered(missed);
    const isLeftOut = (entry: Entry, place: number) =>
      (mistake === 'lies' && trimmed.includes(entry)) || (mistake === 'skips' && place === 0) || (mistake === 'loses' && place % 4 === 1);
    const entries = missed.filter((entry, place) => {
      if (entry.index === undefined) return true;
      (isLeftOut(entry, place) ? ledger.lost : ledger.recovered).add(entry.index);
      return !isLeftOut(entry, place);
    });
    const again = last?.index === undefined ? undefined : last;
    if (again && mistake === 'repeats') ledger.repeated++;
    if (again && mistake === 'duplicates') ledger.duplicated++;
    const replayed = again && mistake === 'repeats' ? [again, ...entries] : entries;
    return { recovered: true, replayed: replayed.length, entries: replayed, anew: mistake === 'duplicates' ? again : undefined };
  };
  const unrecovered = (missed: readonly Entry[]) => {
    for (const { index } of missed) if (index !== undefined) ledger.unrecovered.add(index);
    return { recovered: false, replayed: 0, entries: [], anew: undefined };
  };

  server.on('connection', (socket) => {
    socket.send(JSON.stringify({ sender: 'server', hello: { version: 1, connection: 'c', heartbeatMs: 25_000, jitterMs: 0 } }));
    socket.on('error', () => {});
    socket.on('close', () => peers.delete(socket));
    socket.on('message', (data) => {
      const text = String(data);
      const message = JSON.parse(text) as Message;
      if (message.subscriptions) subscribe(socket, message);
      else publish(socket, message, text.slice(text.indexOf('"notification":') + 15, -1));
    });
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ledger,
    async [Symbol.asyncDispose]() {
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function positionOf({ epoch, offset }: Position): Position {
  return { epoch, offset };
}

function deliver(socket: WebSocket, { text, epoch, offset }: Entry): void {
  socket.send(`{"sender":"server","notification":${text},"position":${JSON.stringify({ epoch, offset })}}`);
}
