import { randomBytes } from 'node:crypto';
import { broken } from './mistakes/index.mjs';
import { relayed } from './relay.mjs';
import { topicKey } from './topic.mjs';

const TWO_MINUTES = 120_000;

/** The key of a publication was used for other bytes. */
export class KeyReused extends Error {}

/** What all peers share: the topics with their logs, the keys, the sessions. */
export class Broker {
  sessions = new Set();
  #topics = new Map();
  #keys = new Map();
  #published = 0;
  #held = [];
  #seen = new Set();
  skipsNext = false;
  #before = '';
  #firstEpoch = newEpoch();

  topic(name) {
    const key = topicKey(name);
    let topic = this.#topics.get(key);
    if (topic === undefined) {
      topic = {
        key,
        package: name.package,
        page: name.page,
        epoch: broken('epoch-shared') ? this.#firstEpoch : newEpoch(),
        offset: 0,
        trimmed: 0,
        bytes: 0,
        history: [],
      };
      this.#topics.set(key, topic);
    }
    return topic;
  }

  /** Forgets those of the topics that nobody subscribes to: a mistake. */
  forget(topics) {
    const wanted = new Set([...this.sessions].flatMap((session) => session.topics()));
    for (const topic of topics) if (!wanted.has(topic)) this.#topics.delete(topic.key);
  }

  /** Logs a notification and sends it to everybody who wants it. The receipt; throws KeyReused. */
  publish({ raw, value, key, whole, publisher, later = 0 }) {
    const topic = this.topic(value);
    const known = this.#findKey(key, { topic, raw, publisher });
    if (known !== undefined) return { ...known, duplicate: !broken('key-not-told') };
    const entry = this.#log(topic, { text: relayed(raw, value), value, whole });
    let matched = 0;
    if (later > 0) setTimeout(() => this.#fanOut(topic, entry, publisher), later);
    else matched = this.#fanOut(topic, entry, publisher);
    const receipt = { position: { ...entry.position }, matched, duplicate: false };
    if (key !== undefined) this.#keys.set(this.#keyOf(key, { topic, publisher }), { raw, receipt, at: Date.now() });
    return receipt;
  }

  #keyOf(key, { topic, publisher }) {
    if (broken('key-of-connection')) return JSON.stringify([key, publisher?.name ?? 'http', topic.key]);
    if (broken('http-key-apart')) return JSON.stringify([key, publisher === undefined, topic.key]);
    return JSON.stringify(broken('key-any-topic') ? [key] : [key, topic.key]);
  }

  #findKey(key, { topic, raw, publisher }) {
    if (key === undefined || broken('key-passed-over')) return undefined;
    const known = this.#keys.get(this.#keyOf(key, { topic, publisher }));
    if (known === undefined || Date.now() - known.at > TWO_MINUTES) return undefined;
    const plain = (text) => (broken('key-parsed') ? JSON.stringify(JSON.parse(text)) : text);
    if (plain(known.raw) !== plain(raw) && !broken('key-other-bytes')) throw new KeyReused();
    if (broken('key-error')) throw new KeyReused();
    return broken('key-new-position') ? { ...known.receipt, position: { epoch: topic.epoch, offset: ++topic.offset } } : known.receipt;
  }

  #log(topic, entry) {
    this.#published++;
    topic.offset++;
    if (broken('epoch-changes') && topic.offset % 100 === 0) topic.epoch = newEpoch();
    const offset = broken('offset-global') ? this.#published : broken('offset-from-zero') ? topic.offset - 1 : topic.offset;
    entry.position = { epoch: broken('epoch-number') ? 7 : topic.epoch, offset };
    entry.number = this.#published;
    entry.at = Date.now();
    topic.history.push(entry);
    topic.bytes += entry.text.length;
    trim(topic);
    return entry;
  }

  #fanOut(topic, entry, publisher) {
    const sessions = [...this.sessions].filter((session) => !session.connection.closing);
    if (this.#isLost(entry)) return 0;
    const wanting = sessions.map((session) => ({ session, copies: session.copiesOf(entry.value) })).filter(({ copies }) => copies > 0);
    if (broken('lose-for-second-subscriber')) wanting.splice(1);
    if (broken('offset-delivered-only') && wanting.length === 0) topic.offset--;
    for (const { session, copies } of wanting) {
      const own = session === publisher;
      if (own && (broken('publisher-own-missing') || broken('v1-own-missing'))) continue;
      for (let i = own && broken('dup-publisher') ? -1 : 0; i < copies; i++) this.#hand(session, topic, entry);
    }
    return this.#count(wanting, { sessions, topic, publisher });
  }

  #isLost(entry) {
    const repeated = entry.text === this.#before;
    this.#before = entry.text;
    if (broken('lose-repeated') && repeated) return true;
    const known = this.#seen.has(entry.text);
    if (broken('lose-equal')) this.#seen.add(entry.text);
    if (broken('lose-equal') && known) return true;
    const skipped = this.skipsNext;
    this.skipsNext = false;
    if (skipped) return true;
    return broken('lose-without-data') && !entry.value.data;
  }

  #hand(session, topic, entry) {
    if (!broken('order-reversed')) return session.deliver(topic, entry);
    if (this.#held.length === 0) setTimeout(() => this.#handReversed(), 5);
    return void this.#held.push(() => session.deliver(topic, entry));
  }

  #handReversed() {
    for (const deliver of this.#held.splice(0).reverse()) deliver();
  }

  #count(wanting, { sessions, topic, publisher }) {
    if (broken('receipt-matched-all')) return sessions.filter((session) => session.subscriptions.length > 0).length;
    if (broken('receipt-matched-topic')) return sessions.filter((session) => session.topics().includes(topic)).length;
    if (broken('receipt-matched-subscriptions')) return wanting.reduce((sum, { session }) => sum + session.matching, 0);
    if (broken('receipt-matched-one')) return Math.min(1, wanting.length);
    topic.most = Math.max(topic.most ?? 0, wanting.length);
    if (broken('receipt-matched-gone')) return topic.most;
    if (broken('receipt-matched-own')) return wanting.filter(({ session }) => session !== publisher).length;
    return wanting.length;
  }
}

function newEpoch() {
  return `epoch-${randomBytes(6).toString('hex')}`;
}

/** A topic remembers 10,000 notifications, 64 MiB and five minutes. */
function trim(topic) {
  const old = Date.now() - 300_000;
  while (topic.history.length > 10_000 || topic.bytes > 67_108_864 || topic.history[0]?.at < old) {
    const entry = topic.history.shift();
    topic.bytes -= entry.text.length;
    topic.trimmed = entry.position.offset;
  }
}
