export type { Broker, BrokerStats } from './broker.js';
export { ListenError } from './listen.js';
export { LogError } from './log/log-error.js';
export type { Counters, Log } from './observe.js';
export { OptionError } from './option-error.js';
export { type BrokerOptions, DEFAULTS } from './options.js';
export type { RegistryStats } from './registry/registry.js';
export { checkOptions, startBroker } from './server.js';
