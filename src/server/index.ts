export type { Counters, Log } from './observe.js';
export { type BrokerOptions, DEFAULTS, OptionError } from './options.js';
export type { RegistryStats } from './registry/registry.js';
export { type Broker, type BrokerStats, checkOptions, startBroker } from './server.js';
