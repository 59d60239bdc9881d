import type { Log } from '../observe.js';
import type { ServerCertificates } from './certificates.js';

const DAY_MS = 24 * 3_600_000;
/** Days before the end at which it is told; 0: it is over. */
const NOTICES = [0, 1, 3, 7, 14, 30] as const;
/** How late a notice may come. */
const LOOK_MS = 3_600_000;

/**
 * Warns that the certificates expire: at once when it is 30 days or less until then, again at 14, 7, 3 and 1 days, and
 * as an error when they have expired, every day.
 */
export class ExpiryNotice {
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #certificates: ServerCertificates;
  /** The notice given last, and when. */
  #given: { readonly days: number; readonly at: number } | undefined;

  constructor(certificates: ServerCertificates, log: Log) {
    this.#log = log;
    this.#certificates = certificates;
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
    this.#look();
  }

  /** From now on it is about these. */
  renew(certificates: ServerCertificates): void {
    this.#certificates = certificates;
    this.#given = undefined;
    this.#look();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = Date.now();
    const { expiresAt, files, names } = this.#certificates;
    const days = NOTICES.find((notice) => expiresAt - now <= notice * DAY_MS);
    if (days === undefined) return;
    const isDue = this.#given?.days !== days || (days === 0 && now - this.#given.at >= DAY_MS);
    if (!isDue) return;
    this.#given = { days, at: now };
    const fields = { file: files.cert, names, expiresAt: new Date(expiresAt).toISOString() };
    if (days === 0) this.#log.error(fields, 'the TLS certificate has expired: clients refuse it, renew it now');
    else this.#log.warn(fields, `the TLS certificate expires in ${days === 1 ? 'a day' : `${days} days`} or less`);
  }
}
