import { stat } from 'node:fs/promises';
import type { Log } from '../observe.js';
import { OptionError } from '../option-error.js';
import { changedFiles, loadCertificates, type SecureOptions, type ServerCertificates } from './certificates.js';
import { ExpiryNotice } from './expiry-notice.js';
import type { TlsFiles } from './tls-files.js';

/** What a watch needs of the broker. */
export interface WatchParts {
  readonly log: Log;
  /** Has every listener use these for whoever connects from now on (`setSecureContext`). */
  readonly apply: (options: SecureOptions) => void;
  /** How often the files are looked at; 1000 by default. */
  readonly intervalMs?: number;
  /** How long files that do not fit together may be half written before it is told; 5000 by default. */
  readonly settleMs?: number;
}

/**
 * Keeps the certificates of the listeners those of the files. The files are asked for their state, by path, rather than
 * watched: so it does not matter whether they are written over, renamed into place, or links to a folder that is
 * exchanged, as on a volume of Kubernetes. Good ones are used for whoever connects from then on; bad ones are told once,
 * and those of before stay. Connections are not touched either way.
 */
export class CertificateWatch {
  readonly #parts: WatchParts;
  readonly #settleMs: number;
  readonly #expiry: ExpiryNotice;
  readonly #timer: NodeJS.Timeout;
  #current: ServerCertificates;
  /** The state of the files that has been dealt with; none at first and after `use`, for they may have changed since they were loaded. */
  #seen = '';
  /** Since when files that changed are bad. */
  #badSince: number | undefined;
  #isLooking = false;

  /** Watches the files of certificates that the listeners use already. */
  constructor(certificates: ServerCertificates, parts: WatchParts) {
    this.#parts = parts;
    this.#settleMs = parts.settleMs ?? 5000;
    this.#current = certificates;
    this.#expiry = new ExpiryNotice(certificates, parts.log);
    this.#timer = setInterval(() => void this.#look(), parts.intervalMs ?? 1000).unref();
  }

  /** Those that are in use. */
  get current(): ServerCertificates {
    return this.#current;
  }

  /**
   * Loads what could take the place of the current ones, and changes nothing.
   * @param files the current ones, or others when the configuration names others now.
   * @throws OptionError as `loadCertificates` does; also when they have expired and the current ones have not.
   */
  async load(files: TlsFiles): Promise<ServerCertificates> {
    const next = await loadCertificates(files);
    const now = Date.now();
    if (next.expiresAt <= now && this.#current.expiresAt > now) {
      throw new OptionError('tlsCert', `is ${files.cert}, which expired at ${new Date(next.expiresAt).toISOString()}`);
    }
    return next;
  }

  /** Uses what `load` returned, and watches its files from now on. */
  use(certificates: ServerCertificates): void {
    const isNew = changedFiles(this.#current, certificates).length > 0;
    if (isNew) this.#parts.apply(certificates.options);
    this.#current = certificates;
    // Meanwhile the files may have changed again.
    this.#seen = '';
    this.#badSince = undefined;
    if (!isNew) return;
    this.#expiry.renew(certificates);
    const { files, names, fingerprint, expiresAt } = certificates;
    const fields = { file: files.cert, names, fingerprint, expiresAt: new Date(expiresAt).toISOString() };
    this.#parts.log.info(fields, 'new TLS certificates are in use for new connections');
  }

  close(): void {
    clearInterval(this.#timer);
    this.#expiry.close();
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      await this.#takeChanges(this.#current.files);
    } finally {
      this.#isLooking = false;
    }
  }

  async #takeChanges(files: TlsFiles): Promise<void> {
    // Before they are read: what changes meanwhile is another state, and seen the next time.
    const state = await stateOf(files);
    if (state === this.#seen) return;
    try {
      const next = await this.load(files);
      // Meanwhile a reload may have chosen other files.
      if (files !== this.#current.files) return;
      this.use(next);
      this.#seen = state;
    } catch (error) {
      this.#badSince ??= performance.now();
      if (performance.now() - this.#badSince < this.#settleMs) return;
      this.#seen = state;
      this.#badSince = undefined;
      // Its file is named, and not the option: that has another name where it was set.
      const because = error instanceof OptionError ? error.problem.replace(/^is /, '') : String(error);
      this.#parts.log.error({ file: files.cert, because }, 'the new TLS certificates are not used, those of before stay');
    }
  }
}

/** What differs when one of the files has been written, replaced or linked to another. */
async function stateOf({ cert, key, clientCa }: TlsFiles): Promise<string> {
  const paths = clientCa === undefined ? [cert, key] : [cert, key, clientCa];
  const states = await Promise.all(
    paths.map(async (path) => {
      try {
        const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
        return [dev, ino, size, mtimeNs, ctimeNs].join(':');
      } catch {
        return 'missing';
      }
    }),
  );
  return states.join(' ');
}
