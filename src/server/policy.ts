import { StrangerRule } from './authorise.js';
import { ClientAddress } from './client-address.js';
import { createAuthenticator } from './identity/create-authenticator.js';
import type { Authenticator, Digests } from './identity/identity.js';
import { parseNetworks } from './networks.js';
import type { BrokerOptions } from './options.js';
import { Origins } from './origins.js';
import { loadSchemas, type Schemas } from './schemas/schemas.js';

/**
 * All that decides who may do what, made whole from options and the files that they name, and replaced whole when they
 * change: so nothing is ever decided by half of an old configuration and half of a new one.
 */
export interface Policy {
  readonly options: BrokerOptions;
  readonly authenticator: Authenticator;
  readonly strangers: StrangerRule;
  readonly origins: Origins;
  readonly clientAddress: ClientAddress;
  readonly schemas: Schemas;
  /** Of the files that hold keys and schemas; certificates are compared by themselves. */
  readonly digests: Digests;
}

/**
 * Reads keys and schemas.
 * @param options complete and within their bounds.
 * @throws OptionError for the first option that cannot be taken, naming the file at fault.
 */
export async function preparePolicy(options: BrokerOptions): Promise<Policy> {
  const proxies = parseNetworks(options.trustProxies, 'trustProxies');
  const authenticator = await createAuthenticator(options, options.log);
  try {
    const schemas = await loadSchemas(options);
    return {
      options,
      authenticator,
      strangers: new StrangerRule(options, authenticator.isOn),
      origins: new Origins(options.allowOrigins, authenticator.isOn),
      clientAddress: new ClientAddress(proxies, options.trustProxies.length === 0),
      schemas,
      digests: schemas.digest === undefined ? authenticator.digests : new Map([...authenticator.digests, ['schemas', schemas.digest]]),
    };
  } catch (error) {
    authenticator.close();
    throw error;
  }
}
