import { randomBytes } from 'node:crypto';
import { isObject, type Json, type Notification } from '../../protocol/index.js';
import { FENCE_TOKEN, TOKEN_MEMBER } from '../client/arrival.js';

/** A notification that the harness has published. */
export interface Published {
  readonly token: string;
  /** The `as` of its step; `undefined` for one that no step can name, such as a fence. */
  readonly name: string | undefined;
  /** The notification as it was sent, byte for byte. */
  readonly text: string;
  readonly notification: Notification;
}

/** All notifications of a case, in the order in which they were published. */
export class Ledger {
  readonly #byToken = new Map<string, Published>();

  /**
   * Marks a notification with a token of its own and keeps it.
   * @param text a JSON object.
   * @param size bytes up to which the text is filled; what it has already is kept.
   */
  add(text: string, { name, size }: { readonly name?: string | undefined; readonly size?: number | undefined } = {}): Published {
    const published = entry(text, { token: randomToken(), name, size });
    this.#byToken.set(published.token, published);
    return published;
  }

  /** Marks a notification as a fence; it is not kept. */
  fence(text: string): Published {
    return entry(text, { token: `${FENCE_TOKEN}${randomToken()}` });
  }

  find(token: string | undefined): Published | undefined {
    return token === undefined ? undefined : this.#byToken.get(token);
  }

  /** All that were published under a name. */
  named(name: string): readonly Published[] {
    return [...this.#byToken.values()].filter((published) => published.name === name);
  }

  /** How many have been published. */
  get size(): number {
    return this.#byToken.size;
  }

  get all(): readonly Published[] {
    return [...this.#byToken.values()];
  }
}

function randomToken(): string {
  return randomBytes(9).toString('base64url');
}

function entry(
  text: string,
  { token, name, size }: { readonly token: string; readonly name?: string | undefined; readonly size?: number | undefined },
): Published {
  const marked = fill(withMember(text, TOKEN_MEMBER, token), size);
  return { token, name, text: marked, notification: JSON.parse(marked) as Notification };
}

/** Whether what was delivered is what was sent, as JSON values; PHP's empty map `[]` counts as `{}`. */
export function isSameValue(sent: Json | undefined, delivered: Json | undefined): boolean {
  if (isEmpty(sent) && isEmpty(delivered)) return true;
  if (Array.isArray(sent)) {
    return (
      Array.isArray(delivered) && sent.length === delivered.length && sent.every((one, index) => isSameValue(one, delivered[index] as Json))
    );
  }
  if (!isObject(sent)) return sent === delivered;
  if (!isObject(delivered)) return false;
  const names = Object.keys(sent);
  return (
    names.length === Object.keys(delivered).length &&
    names.every((name) => Object.hasOwn(delivered, name) && isSameValue(sent[name], delivered[name]))
  );
}

function isEmpty(value: Json | undefined): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** Puts a member in before the last brace: nothing else of the text changes. */
function withMember(text: string, name: string, value: string): string {
  const end = text.lastIndexOf('}');
  const isFirst = /\{\s*$/.test(text.slice(0, end));
  return `${text.slice(0, end)}${isFirst ? '' : ','}${JSON.stringify(name)}:${JSON.stringify(value)}${text.slice(end)}`;
}

/** Puts a member `fill` in that brings the text up to `size` bytes. */
function fill(text: string, size: number | undefined): string {
  if (size === undefined) return text;
  const missing = size - Buffer.byteLength(withMember(text, 'fill', ''));
  if (missing < 0) throw new RangeError(`the notification has more than ${size} bytes without a fill: take a larger size`);
  return withMember(text, 'fill', 'x'.repeat(missing));
}
