import { randomUUID } from 'node:crypto';
import { reaches } from './grants.mjs';
import { broken } from './mistakes/index.mjs';
import { deliveryText } from './relay.mjs';
import { topicKey } from './topic.mjs';

let opened = 0;

/** A peer and its subscriptions, whichever dialect it speaks. */
export class Session {
  subscriptions = [];
  matching = 0;
  refused = false;
  invalidAt = [];
  silentBeats = 0;
  lists = 0;
  lastId = undefined;
  errors = 0;
  #heard = new Map();
  #deliveries = 0;
  #pair = undefined;
  #memory = new Map();

  constructor({ broker, connection, request, v1, identity, heartbeatMs, firstMessageMs, speak }) {
    Object.assign(this, { broker, connection, request, v1, heartbeatMs });
    this.number = ++opened;
    this.name = broken('hello-same-connection') ? 'peer' : randomUUID();
    this.text = (text) => speak(this, text);
    broker.sessions.add(this);
    this.timer = setInterval(() => this.#beat(), heartbeatMs);
    if (identity !== undefined) this.become(identity);
    else if (!broken('first-message-not-awaited'))
      this.end = setTimeout(() => connection.close(4408, 'no token came in time'), firstMessageMs);
  }

  /** From now on the peer is somebody, up to the end of its token. */
  become(identity) {
    clearTimeout(this.end);
    this.identity = broken('fresh-token-ignored') && this.identity !== undefined ? this.identity : identity;
    const left = identity.expiresAt - Date.now();
    // No timer runs for longer than 24 days.
    if (left < 2 ** 31) this.end = setTimeout(() => this.connection.close(4401, 'the token has expired'), left);
  }

  gone() {
    clearInterval(this.timer);
    clearTimeout(this.end);
    const sessions = [...this.broker.sessions];
    this.broker.sessions.delete(this);
    if (broken('topic-forgotten')) this.broker.forget(this.topics());
    if (broken('group-wrong-leaves')) this.#firstOfGroup([this, ...sessions])?.subscribe([]);
    if (broken('gone-breaks-others') && this.subscriptions.length > 0)
      for (const each of sessions) if (each.number > this.number) each.subscribe([]);
  }

  /** The peer that has had this peer's set for the longest time, unless it is this one. */
  #firstOfGroup(sessions) {
    const mine = JSON.stringify(this.subscriptions);
    if (mine === '[]') return undefined;
    const group = sessions.filter((each) => JSON.stringify(each.subscriptions) === mine).sort((a, b) => a.number - b.number);
    return group[0] === this ? undefined : group[0];
  }

  /** Replaces the whole set. */
  subscribe(list) {
    const first = broken('group-wrong-replaces') ? this.#firstOfGroup([...this.broker.sessions]) : undefined;
    if (first !== undefined) first.subscriptions = [];
    if (broken('equal-sets-one-peer') && list.length > 0)
      for (const each of this.broker.sessions) if (JSON.stringify(each.subscriptions) === JSON.stringify(list)) each.subscriptions = [];
    if (broken('set-of-everybody')) for (const session of this.broker.sessions) session.subscriptions = list;
    this.subscriptions = this.#merged(list);
    this.lists++;
    for (const topic of this.topics()) this.#heard.set(topic.key, topic.offset);
  }

  #merged(list) {
    if (broken('set-appends') || (broken('dup-same-list-twice') && this.lists > 0)) return [...this.subscriptions, ...list];
    if (broken('set-empty-ignored') && list.length === 0) return this.subscriptions;
    if (broken('set-first-wins') && this.lists > 0) return this.subscriptions;
    if (broken('set-replaces-topic')) {
      const named = new Set(list.map(topicKey));
      return [...this.subscriptions.filter((each) => !named.has(topicKey(each))), ...list];
    }
    if (broken('set-after-empty-ignored') && this.lists > 0 && this.subscriptions.length === 0) return [];
    if (broken('set-999')) return list.slice(0, 999);
    if (broken('first-of-topic')) return [...new Map([...list].reverse().map((each) => [topicKey(each), each])).values()].reverse();
    if (broken('last-of-topic')) return [...new Map(list.map((each) => [topicKey(each), each])).values()];
    return list;
  }

  /** The topics of the set, in its order, each once. */
  topics() {
    return [...new Set(this.subscriptions.map((each) => this.broker.topic(each)))];
  }

  /** How many copies of a notification this peer gets: one at most, but for mistakes. */
  copiesOf(notification) {
    let asked = this.subscriptions;
    if (broken('first-subscription-only')) asked = asked.slice(0, 1);
    if (broken('last-subscription-only')) asked = asked.slice(-1);
    if (broken('lose-to-late-subscriber') && this.number > 2) return 0;
    this.matching = asked.filter((each) => reaches(this.identity ?? { subscribe: [] }, each, notification)).length;
    if (broken('cache-not-cleared')) this.matching = this.#recall(notification);
    return broken('dup-two-subscriptions') || broken('dup-same-list-twice') ? this.matching : Math.min(1, this.matching);
  }

  /** What a notification with the same filters matched when it was first seen: a mistake. */
  #recall({ package: packageName, page, filters }) {
    const key = JSON.stringify([packageName, page, filters]);
    if (!this.#memory.has(key)) this.#memory.set(key, this.matching);
    return this.#memory.get(key);
  }

  deliver(topic, entry) {
    this.#deliveries++;
    if (broken('lose-fiftieth') && this.#deliveries % 50 === 0) return;
    const send = () => this.send(topic, entry);
    if (broken('order-large-late') && entry.text.length > 65_536) setTimeout(send, 10);
    else if (broken('position-of-topic')) setTimeout(send, 5);
    else if (broken('order-jitter')) setTimeout(send, Math.random() * 15);
    else if (broken('order-differs') && this.number % 2 === 0) this.#swap(send);
    else send();
  }

  #swap(send) {
    if (this.#pair !== undefined) {
      send();
      this.#pair();
      this.#pair = undefined;
      return;
    }
    this.#pair = send;
    setTimeout(() => {
      this.#pair?.();
      this.#pair = undefined;
    }, 20);
  }

  /** Writes a notification to the peer. */
  send(topic, entry) {
    const position = this.v1 || broken('position-to-base') ? this.#positionOf(topic, entry) : undefined;
    const late = broken('publisher-own-late');
    const write = () =>
      this.connection.sendText(deliveryText(entry, broken('position-missing') ? undefined : position), { evenAfterClose: late });
    if (late && !this.v1) setTimeout(write, 5);
    else write();
    this.#heard.set(topic.key, entry.position.offset);
  }

  #positionOf(topic, { position }) {
    if (broken('position-of-topic')) return { ...position, offset: topic.offset };
    if (broken('offset-per-subscriber')) return { ...position, offset: this.#deliveries };
    return broken('epoch-of-connection') ? { ...position, epoch: this.name } : position;
  }

  #beat() {
    const isExcused = this.connection.waiting && !broken('ahead-taken-for-dead');
    this.silentBeats = this.connection.alive || isExcused ? 0 : this.silentBeats + 1;
    if (this.silentBeats > 1 && !broken('heartbeat-keeps-silent')) return this.connection.cut();
    this.connection.alive = false;
    if (!broken('heartbeat-no-ping')) this.connection.ping();
    if (this.v1 && !broken('mark-missing')) this.#mark();
    return undefined;
  }

  #mark() {
    const moved = this.topics().filter((topic) => broken('mark-all-topics') || this.#heard.get(topic.key) !== topic.offset);
    if (moved.length === 0 && broken('mark-not-empty')) return;
    const offset = (topic) => (broken('mark-delivered-only') ? this.#heard.get(topic.key) : topic.offset + (broken('mark-ahead') ? 1 : 0));
    if (broken('mark-first-only')) moved.splice(1);
    const mark = moved.map((topic) => ({ package: topic.package, page: topic.page, epoch: topic.epoch, offset: offset(topic) }));
    for (const topic of moved) this.#heard.set(topic.key, topic.offset);
    this.connection.sendText(JSON.stringify({ sender: 'server', mark }));
  }
}
