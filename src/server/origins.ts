import type { IncomingHttpHeaders } from 'node:http';
import { OptionError } from './option-error.js';

/** In the list: any origin. */
const ANY = '*';

/**
 * As a browser writes one: RFC 6454 section 6.2. `URL` alone would take a user, a path or a missing slash for nothing.
 */
const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/i;

/**
 * Which pages may connect. As long as nobody is authenticated a page of any origin may subscribe, as with the
 * PHP server, unless origins are listed; with authentication on, only those of this very host and those that are listed.
 */
export class Origins {
  readonly #listed: ReadonlySet<string>;
  readonly #isOpen: boolean;

  /** @throws OptionError for an entry that is no origin. */
  constructor(origins: readonly string[], isAuthenticated: boolean) {
    this.#listed = new Set(origins.map(normalised));
    this.#isOpen = this.#listed.has(ANY) || (origins.length === 0 && !isAuthenticated);
  }

  /** Whether a handshake with these headers may go on. */
  allows({ origin, host }: IncomingHttpHeaders): boolean {
    if (this.#isOpen || origin === undefined) return true;
    if (!ORIGIN.test(origin)) return origin === 'null' && this.#listed.has(origin);
    return this.#listed.has(originOf(origin)) || isSameHost(origin, host);
  }
}

/** React Native on Android sends the address that it connects to as its origin. */
function isSameHost(origin: string, host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(origin)) return false;
  const { protocol, host: name } = new URL(origin);
  const here = `${protocol}//${host}`;
  return name !== '' && URL.canParse(here) && new URL(here).host === name;
}

/** As it is compared: in lower case, without the port that goes without saying. `URL` knows no origin with a scheme such as `capacitor:`. */
function originOf(text: string): string {
  const { origin, protocol, host } = URL.canParse(text) ? new URL(text) : { origin: text, protocol: '', host: '' };
  return origin === 'null' && protocol !== '' ? `${protocol}//${host.toLowerCase()}` : origin;
}

function normalised(entry: string): string {
  if (entry === ANY || entry === 'null') return entry;
  const url = URL.canParse(entry) ? new URL(entry) : undefined;
  const isOrigin = url !== undefined && /^[^*]+$/.test(url.host) && url.pathname.length <= 1 && url.search === '' && url.hash === '';
  if (isOrigin && url.username === '' && url.password === '') return originOf(entry);
  throw new OptionError('allowOrigins', `has ${JSON.stringify(entry)}: expected an origin such as https://app.example.org, or *`);
}
