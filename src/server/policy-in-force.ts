import { isDeepStrictEqual } from 'node:util';
import type { Intake } from './limits/intake.js';
import type { Limiter } from './limits/limiter.js';
import { OptionError } from './option-error.js';
import type { BrokerOptions } from './options.js';
import { type Policy, preparePolicy } from './policy.js';
import { checkPorts } from './ports.js';
import { FIXED_OPTIONS, resolveOptions } from './resolve-options.js';
import { CertificateWatch } from './tls/certificate-watch.js';
import { changedFiles, loadCertificates, type SecureOptions, type ServerCertificates } from './tls/certificates.js';
import { tlsFiles } from './tls/tls-files.js';
import { Acceptor } from './ws-socket.js';

/** What a broker starts with. */
export interface Prepared {
  readonly policy: Policy;
  /** Undefined without TLS. */
  readonly certificates: ServerCertificates | undefined;
}

/** What a change of options reaches. */
interface Reach {
  readonly intake: Intake;
  readonly limiter: Limiter;
  /** As `Listener.limit`, for every port. */
  readonly limit: (maxConnections: number) => void;
  /** New certificates for whoever connects from now on. */
  readonly secure: (options: SecureOptions) => void;
  /** The policy has been replaced: who is connected has to be judged again. */
  readonly replaced: () => void;
}

/**
 * Reads all that options name.
 * @throws OptionError for the first that cannot be taken.
 */
export async function prepare(options: BrokerOptions): Promise<Prepared> {
  checkPorts(options);
  const files = tlsFiles(options);
  const certificates = files && (await loadCertificates(files));
  return { policy: await preparePolicy(options), certificates };
}

/** The policy that decides now, and what is made from the same options; a reload replaces all of it, or nothing. */
export class PolicyInForce {
  readonly #reach: Reach;
  readonly #watch: CertificateWatch | undefined;
  #policy: Policy;
  #acceptor: Acceptor;
  /** Reloads follow one another. */
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor({ policy, certificates }: Prepared, reach: Reach) {
    this.#policy = policy;
    this.#reach = reach;
    this.#acceptor = new Acceptor(policy.options, reach.intake);
    if (certificates) this.#watch = new CertificateWatch(certificates, { log: policy.options.log, apply: reach.secure });
  }

  get policy(): Policy {
    return this.#policy;
  }

  get acceptor(): Acceptor {
    return this.#acceptor;
  }

  /** In use now; undefined without TLS. */
  get certificates(): ServerCertificates | undefined {
    return this.#watch?.current;
  }

  /** As `Broker.reconfigure`. */
  reconfigure(given: Partial<BrokerOptions>): Promise<readonly (keyof BrokerOptions)[]> {
    const reloaded = this.#last.then(() => this.#replace(given));
    this.#last = reloaded.catch(() => {});
    return reloaded;
  }

  close(): void {
    this.#isClosed = true;
    this.#watch?.close();
    this.#policy.authenticator.close();
  }

  /** Everything that can fail comes first; what follows is one synchronous step. */
  async #replace(given: Partial<BrokerOptions>): Promise<readonly (keyof BrokerOptions)[]> {
    const before = this.#policy;
    const options = resolveOptions({ ...given, log: before.options.log });
    this.#refuseFixed(options);
    const { policy, certificates } = await this.#prepareNext(options);
    if (this.#isClosed) {
      // Nobody would close it any more.
      policy.authenticator.close();
      return [];
    }
    const changed = changesBetween(before, policy);
    if (this.#watch && certificates) {
      for (const name of changedFiles(this.#watch.current, certificates)) changed.add(name);
      this.#watch.use(certificates);
    }
    this.#policy = policy;
    this.#acceptor = new Acceptor(options, this.#reach.intake);
    this.#reach.limiter.reconfigure(options);
    this.#reach.limit(options.maxConnections);
    this.#reach.replaced();
    // What it is still asked about ends as unavailable, and is asked again.
    before.authenticator.close();
    return [...changed];
  }

  #refuseFixed(options: BrokerOptions): void {
    for (const name of FIXED_OPTIONS) {
      if (options[name] !== this.#policy.options[name]) throw new OptionError(name, 'cannot change while the broker runs: restart it');
    }
    if ((tlsFiles(options) === undefined) !== (this.#watch === undefined)) {
      throw new OptionError('tlsCert', 'cannot be given or taken away while the broker runs: restart it');
    }
  }

  async #prepareNext(options: BrokerOptions): Promise<Prepared> {
    const files = tlsFiles(options);
    const certificates = files && (await this.#watch?.load(files));
    return { policy: await preparePolicy(options), certificates };
  }
}

/** The options that are not what they were, and those that name a file which is not. */
function changesBetween(before: Policy, after: Policy): Set<keyof BrokerOptions> {
  const names = Object.keys(after.options) as (keyof BrokerOptions)[];
  const changed = names.filter((name) => name !== 'log' && !isDeepStrictEqual(before.options[name], after.options[name]));
  for (const [name, digest] of after.digests) if (before.digests.get(name) !== digest) changed.push(name);
  return new Set(changed);
}
