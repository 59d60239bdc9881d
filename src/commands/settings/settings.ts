import { AUTO_LIMITS, type AutoLimited } from '../../server/limits/auto-limits.js';
import { ACCESS_SETTINGS } from './access-settings.js';
import { choice, DURATION, FOLDER, INTEGER, PORT, SECONDS, SIZE, SWITCH, TEXT } from './kinds.js';
import { group, type Setting } from './setting.js';

const LISTEN = group('listen', {
  port: { name: 'port', flag: '--port', short: '-p', kind: PORT, about: 'port to listen on, 0 for any free one' },
  host: { name: 'host', flag: '--host', kind: TEXT, about: 'address or name to listen on' },
  publishPort: {
    name: 'publishPort',
    flag: '--publish-port',
    kind: PORT,
    about: 'a second port, on which alone anybody may publish',
  },
  publishHost: {
    name: 'publishHost',
    flag: '--publish-host',
    kind: TEXT,
    about: 'address or name of the second port; --host by default',
  },
  adminPort: {
    name: 'adminPort',
    flag: '--admin-port',
    kind: PORT,
    about: 'a port on which Prometheus asks for GET /metrics, and nobody is asked who he is',
  },
  adminHost: {
    name: 'adminHost',
    flag: '--admin-host',
    kind: TEXT,
    about: 'address or name of that port; 127.0.0.1 by default',
  },
});

const LIMITS = group('limits', {
  connections: {
    name: 'maxConnections',
    flag: '--max-connections',
    kind: INTEGER,
    about: 'connections at the same time; 0: any number',
    isForNewConnections: true,
  },
  connectionsPerAddress: {
    name: 'maxConnectionsPerAddress',
    flag: '--max-connections-per-address',
    kind: INTEGER,
    about: auto('connections of one address (IPv6: one /64)', 'maxConnectionsPerAddress'),
    isForNewConnections: true,
  },
  handshakeRate: {
    name: 'handshakesPerSecond',
    flag: '--handshake-rate',
    kind: INTEGER,
    about: auto('handshakes a second of one address', 'handshakesPerSecond'),
  },
  messageRate: {
    name: 'messagesPerSecond',
    flag: '--message-rate',
    kind: INTEGER,
    about: auto('messages and pings a second of one peer, without accepted publications', 'messagesPerSecond'),
  },
  messageRatePerAddress: {
    name: 'messagesPerSecondPerAddress',
    flag: '--message-rate-per-address',
    kind: INTEGER,
    about: auto('the same of all peers of one address', 'messagesPerSecondPerAddress'),
  },
  publishRate: {
    name: 'publishesPerSecond',
    flag: '--publish-rate',
    kind: INTEGER,
    about: auto('notifications a second of one publisher', 'publishesPerSecond'),
  },
  subscriptions: { name: 'maxSubscriptions', flag: '--max-subscriptions', kind: INTEGER, about: 'subscriptions in one message' },
  filterValues: { name: 'maxFilterValues', flag: '--max-filter-values', kind: INTEGER, about: 'filter values in one message' },
  message: {
    name: 'maxMessageBytes',
    flag: '--max-message',
    kind: SIZE,
    about: 'longest message that is accepted',
    isForNewConnections: true,
  },
  outbox: { name: 'maxOutboxBytes', flag: '--max-outbox', kind: SIZE, about: 'most that may wait for one slow reader' },
  header: { name: 'maxHeaderBytes', flag: '--max-header', kind: SIZE, about: 'longest head of a handshake or request' },
  permessageDeflate: {
    name: 'permessageDeflate',
    flag: '--permessage-deflate',
    kind: SWITCH,
    about: 'let peers compress what they send',
    isForNewConnections: true,
  },
});

const TIMEOUTS = group('timeouts', {
  pingInterval: {
    name: 'pingIntervalMs',
    flag: '--ping-interval',
    kind: DURATION,
    about: 'pause between two heartbeats',
  },
  handshake: { name: 'handshakeTimeoutMs', flag: '--handshake-timeout', kind: DURATION, about: 'time for a handshake' },
  close: {
    name: 'closeTimeoutMs',
    flag: '--close-timeout',
    kind: DURATION,
    about: 'time for the answer to a close frame',
  },
  spread: {
    name: 'drainMs',
    flag: '--drain-seconds',
    kind: SECONDS,
    about: 'time over which the connections are closed at the end, while the broker says that it is not ready; 0: at once',
  },
  drain: { name: 'drainTimeoutMs', flag: '--drain-timeout', kind: DURATION, about: 'time to say goodbye at the end, behind that' },
  slowReader: {
    name: 'slowReaderTimeoutMs',
    flag: '--slow-reader-timeout',
    kind: DURATION,
    about: 'time without progress until a reader is dropped',
  },
  reconnectJitter: {
    name: 'reconnectJitterMs',
    flag: '--reconnect-jitter',
    kind: DURATION,
    about: 'time over which clients spread their coming back after a restart',
  },
});

const HISTORY = group('history', {
  notifications: {
    name: 'historyNotifications',
    flag: '--history-notifications',
    kind: INTEGER,
    about: 'notifications of a topic that are kept for who comes back',
  },
  age: { name: 'historyAgeMs', flag: '--history-age', kind: DURATION, about: 'how long they are kept' },
  bytes: { name: 'historyBytes', flag: '--history-bytes', kind: SIZE, about: 'most that all topics keep together' },
});

const DATA = group('data', {
  directory: {
    name: 'data',
    flag: '--data',
    kind: FOLDER,
    about:
      'folder of the log, in which notifications survive the broker: a folder on a disk of this machine; without it they live as long as the process',
  },
  durability: {
    name: 'durability',
    flag: '--durability',
    kind: choice('promise', ['batched', 'fsync']),
    about: 'what is acknowledged survives the death of the process (batched), or the loss of power, too (fsync)',
  },
  bytes: { name: 'dataBytes', flag: '--data-bytes', kind: SIZE, about: 'most that the log takes on disk' },
});

const SCHEMAS = group('schemas', {
  directory: {
    name: 'schemas',
    flag: '--schemas',
    kind: FOLDER,
    about: 'folder with <package>/<page>.json, JSON Schemas of the data of notifications',
  },
  mode: {
    name: 'schemaMode',
    flag: '--schema-mode',
    kind: choice('mode', ['enforce', 'observe']),
    about: 'refuse data that does not fit, or only log and count it',
  },
});

const LOG = group('log', {
  level: {
    name: 'logLevel',
    flag: '--log-level',
    kind: choice('level', ['debug', 'info', 'warn', 'error', 'silent']),
    about: 'least important entry to log; the one line at the start is written at every level',
  },
  format: {
    name: 'logFormat',
    flag: '--log-format',
    kind: choice('format', ['auto', 'pretty', 'json']),
    about: 'auto is pretty on a terminal, else JSON lines',
  },
});

/** The groups of a file, and what each is about. */
export const GROUPS: Readonly<Record<string, string>> = {
  listen: 'Where the broker listens',
  tls: 'Certificates',
  auth: 'Who is believed',
  authorize: 'A back-end that says what a token may do',
  anonymous: 'What a peer without a token may do',
  access: 'Addresses and origins',
  limits: 'Counts, rates and sizes',
  timeouts: 'How long things may take',
  history: 'What is kept for who comes back',
  data: 'What survives the broker',
  schemas: 'What data has to look like',
  log: 'What is logged, and how',
};

/** All that can be set, in the order of the help and of a file: everything that reads or shows settings follows it. */
export const SETTINGS: readonly Setting[] = [
  ...LISTEN,
  ...ACCESS_SETTINGS,
  ...LIMITS,
  ...TIMEOUTS,
  ...HISTORY,
  ...DATA,
  ...SCHEMAS,
  ...LOG,
];

/** With the number that holds while nobody has set one. */
function auto(about: string, name: AutoLimited): string {
  return `${about}; ${AUTO_LIMITS[name]} by default but for loopback, 0: any number`;
}
