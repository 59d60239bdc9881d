import { createHash, randomBytes } from 'node:crypto';
import { Keys } from './keys.mjs';
import { Log } from './log.mjs';
import { broken } from './mistakes/index.mjs';
import { relayed } from './relay.mjs';
import { settings } from './settings.mjs';
import { topicKey } from './topic.mjs';

/** What all peers share: the topics with their logs, the keys, the sessions. */
export class Broker {
  sessions = new Set();
  #topics = new Map();
  #keys = new Keys();
  #log = new Log(settings.data);
  #published = 0;
  #held = [];
  #seen = new Set();
  skipsNext = false;
  isDeaf = false;
  #before = '';
  #firstEpoch = newEpoch();

  constructor() {
    for (const record of this.#log.takeAll()) this.#restore(record);
  }

  /** What an earlier process has logged goes on here. */
  #restore({ name, epoch, offset, entry, use }) {
    const topic = this.#open(name, broken('data-epoch-new') ? newEpoch() : epoch);
    if (entry === undefined) return;
    topic.offset = broken('data-offset-again') ? 0 : offset;
    if (!broken('data-history-empty')) this.#keep(topic, { ...entry, position: { epoch: topic.epoch, offset } });
    if (broken('data-history-unused')) topic.trimmed = offset;
    if (use === undefined || broken('data-keys-forgotten')) return;
    const receipt = { position: { epoch: topic.epoch, offset }, matched: 0, duplicate: false };
    this.#keys.remember({ ...use, topic }, { receipt, at: entry.at });
  }

  topic(name) {
    const known = this.#topics.get(topicKey(name));
    if (known !== undefined) return known;
    const topic = this.#open(name, this.#epochOf(name));
    this.#log.write({ name: { package: topic.package, page: topic.page }, epoch: topic.epoch });
    return topic;
  }

  #open(name, epoch) {
    const key = topicKey(name);
    const topic = this.#topics.get(key) ?? {
      key,
      package: name.package,
      page: name.page,
      epoch,
      offset: 0,
      trimmed: 0,
      bytes: 0,
      history: [],
    };
    this.#topics.set(key, topic);
    return topic;
  }

  #epochOf(name) {
    if (broken('epoch-shared')) return this.#firstEpoch;
    if (broken('epoch-kept-after-loss')) return createHash('sha1').update(topicKey(name)).digest('hex');
    return newEpoch();
  }

  /** Forgets those of the topics that nobody subscribes to: a mistake. */
  forget(topics) {
    const wanted = new Set([...this.sessions].flatMap((session) => session.topics()));
    for (const topic of topics) if (!wanted.has(topic)) this.#topics.delete(topic.key);
  }

  /** Logs a notification and sends it to everybody who wants it. The receipt; throws KeyReused. */
  publish(publication) {
    const { raw, value, key, whole, publisher, subject, later = 0 } = publication;
    const topic = this.topic(value);
    const use = key === undefined && broken('key-from-bytes') ? raw : key;
    const known = use === undefined ? undefined : this.#keys.find({ ...publication, key: use, topic });
    if (known !== undefined) return this.#again(known, { topic, publication });
    const entry = this.#add(topic, { text: relayed(raw, value), value, whole }, use === undefined ? undefined : { key: use, raw, subject });
    let matched = 0;
    if (later > 0) setTimeout(() => this.#fanOut(topic, entry, publisher), later);
    else matched = this.#fanOut(topic, entry, publisher);
    const receipt = { position: { ...entry.position }, matched, duplicate: false };
    this.#keys.remember({ ...publication, key: use, topic }, { receipt });
    return receipt;
  }

  /** Uses a key up for what was refused: a mistake. */
  spendKey({ value, ...publication }) {
    if (typeof value?.package === 'string' && typeof value.page === 'string')
      this.#keys.spend({ ...publication, topic: this.topic(value) });
  }

  #again(receipt, { topic, publication: { value, publisher } }) {
    const entry = topic.history.find(({ position }) => position.offset === receipt.position.offset);
    if (broken('key-fans-out') && entry !== undefined) this.#fanOut(topic, { ...entry, value }, publisher);
    const position = broken('key-new-position') ? { epoch: topic.epoch, offset: ++topic.offset } : receipt.position;
    const matched = broken('key-matched-none') ? 0 : receipt.matched;
    return { ...receipt, matched, position, duplicate: !broken('key-not-told') };
  }

  #add(topic, { text, value, whole }, use) {
    this.#published++;
    topic.offset++;
    if (broken('epoch-changes') && topic.offset % 100 === 0) topic.epoch = newEpoch();
    const offset = broken('offset-global') ? this.#published : broken('offset-from-zero') ? topic.offset - 1 : topic.offset;
    const position = { epoch: broken('epoch-number') ? 7 : topic.epoch, offset };
    const entry = { text, value, whole, position, number: this.#published, at: Date.now() };
    const { at } = entry;
    this.#log.write({
      name: { package: topic.package, page: topic.page },
      epoch: topic.epoch,
      offset,
      entry: { text, value, at },
      use,
    });
    this.#keep(topic, entry);
    return entry;
  }

  #keep(topic, entry) {
    topic.history.push(entry);
    topic.bytes += entry.text.length;
    trim(topic);
  }

  #fanOut(topic, entry, publisher) {
    const sessions = [...this.sessions].filter((session) => !session.connection.closing);
    if (this.#isLost(entry) || this.isDeaf) return 0;
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

/** A topic remembers 10,000 notifications, or as many as its operator says, 64 MiB and five minutes. */
function trim(topic) {
  const old = Date.now() - 300_000;
  while (topic.history.length > settings.historyNotifications || topic.bytes > 67_108_864 || topic.history[0]?.at < old) {
    const entry = topic.history.shift();
    topic.bytes -= entry.text.length;
    if (!broken('recovered-after-trim')) topic.trimmed = entry.position.offset;
  }
}
