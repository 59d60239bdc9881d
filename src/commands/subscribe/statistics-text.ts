import type { ChalkInstance } from 'chalk';
import type { ClientState } from '../../client/index.js';
import type { Position, Subscription } from '../../protocol/index.js';
import { escapeText } from '../terminal/escape-text.js';
import { counted } from './status-line.js';
import { subscriptionsText } from './subscription-text.js';

/** What one topic has brought. */
export interface TopicCount {
  readonly name: string;
  readonly received: number;
  readonly last: Position | undefined;
}

export interface Statistics {
  readonly url: string;
  readonly state: ClientState;
  readonly subscriptions: readonly Subscription[];
  /** `Date.now()` of the start, ms. */
  readonly startedAt: number;
  readonly received: number;
  /** Of these, those that were replayed after reconnections. */
  readonly recovered: number;
  readonly reconnects: number;
  /** How often notifications may have been missed in a topic. */
  readonly losses: number;
  readonly topics: readonly TopicCount[];
}

/** The block that the key `s` shows. @param now `Date.now()`, ms. */
export function statisticsText(statistics: Statistics, now: number, pen: ChalkInstance): string {
  const seconds = Math.max(1, Math.round((now - statistics.startedAt) / 1000));
  const perSecond = statistics.received / seconds;
  const rows: (readonly [string, string])[] = [
    ['broker', `${statistics.url}, ${connectionText(statistics.state)}, ${counted(statistics.reconnects, 'reconnect')}`],
    ['subscribed to', subscriptionsText(statistics.subscriptions)],
    ['received', `${counted(statistics.received, 'notification')} in ${seconds} s, ${perSecond.toFixed(perSecond < 10 ? 2 : 0)} a second`],
    ['recovered', counted(statistics.recovered, 'notification')],
    ['lost', statistics.losses === 0 ? 'nothing' : `perhaps something, ${counted(statistics.losses, 'time')}`],
    ...statistics.topics.map(topicRow),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, text]) => `  ${pen.cyan(escapeText(name).padEnd(width))}  ${escapeText(text)}`);
  return [pen.bold('Statistics'), ...lines].join('\n');
}

function topicRow({ name, received, last }: TopicCount): readonly [string, string] {
  return [name, `${counted(received, 'notification')}${last ? `, the last at #${last.offset} of epoch ${last.epoch}` : ''}`];
}

function connectionText(state: ClientState): string {
  if (state.kind !== 'open') return state.kind === 'waiting' ? 'retrying' : state.kind;
  const since = new Date(state.since).toTimeString().slice(0, 8);
  return `connected since ${since} with ${state.dialect === 'v1' ? 'wsn.v1' : 'the base protocol'}`;
}
