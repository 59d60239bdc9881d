import { broken } from './mistakes/index.mjs';

const TWO_MINUTES = 120_000;

/** The key of a publication was used for other bytes. */
export class KeyReused extends Error {}

/** What the idempotency keys of two minutes were used for. */
export class Keys {
  #known = new Map();

  /** The first receipt for a publication whose key was used, or undefined. Throws KeyReused when that was for other bytes. */
  find(publication) {
    const known = this.#known.get(nameOf(publication));
    if (known === undefined || broken('key-passed-over') || Date.now() - known.at > TWO_MINUTES) return undefined;
    const plain = (text) => (broken('key-parsed') ? JSON.stringify(JSON.parse(text)) : text);
    const isSame = known.receipt !== undefined && plain(known.raw) === plain(publication.raw);
    if ((!isSame && !broken('key-other-bytes')) || broken('key-error')) {
      if (broken('key-forgotten-after-error')) this.#known.delete(nameOf(publication));
      throw new KeyReused();
    }
    return known.receipt;
  }

  remember(publication, { receipt, at = Date.now() }) {
    const { key, raw } = publication;
    if (key === undefined) return;
    if (broken('key-in-flight-twice')) setTimeout(() => this.#known.set(nameOf(publication), { raw, receipt, at }), 30);
    else this.#known.set(nameOf(publication), { raw, receipt, at });
  }

  /** Uses a key up for what is never sent: a mistake. */
  spend(publication) {
    this.#known.set(nameOf(publication), { raw: publication.raw, receipt: undefined, at: Date.now() });
  }
}

/** The key, whose it is, and of what topic. */
function nameOf({ key, subject, topic, publisher }) {
  if (broken('key-of-connection')) return JSON.stringify([key, publisher?.name ?? 'http', topic.key]);
  if (broken('http-key-apart')) return JSON.stringify([key, publisher === undefined, topic.key]);
  if (broken('key-any-publisher')) return JSON.stringify([key, topic.key]);
  return JSON.stringify(broken('key-any-topic') ? [key, subject] : [key, subject, topic.key]);
}
