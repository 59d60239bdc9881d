import { resolve } from 'node:path';
import type { Json } from '../../protocol/index.js';
import { ServerError } from './server-error.js';

/** Options of a server by their names in PROTOCOL.md section 8; sizes in bytes, durations in ms. */
export type ServerOptions = Readonly<Record<string, Json>>;

/** The flag of an option of `wsn serve`, and what may be said of it. */
interface Flag {
  readonly flag: string;
  readonly type: 'number' | 'boolean' | 'addresses' | 'text' | 'file' | 'grants';
  /** Behind a number. */
  readonly unit?: 'ms' | 'B';
}

const FLAGS: Readonly<Record<string, Flag>> = {
  allowOrigins: { flag: '--allow-origin', type: 'text' },
  allowPublish: { flag: '--allow-publish', type: 'addresses' },
  anonymousPublish: { flag: '--anonymous-publish', type: 'grants' },
  anonymousSubscribe: { flag: '--anonymous-subscribe', type: 'grants' },
  apiKeys: { flag: '--api-key', type: 'text' },
  authAlgorithms: { flag: '--auth-algorithms', type: 'text' },
  authAudience: { flag: '--auth-audience', type: 'text' },
  authClockToleranceMs: { flag: '--auth-clock-tolerance', type: 'number', unit: 'ms' },
  authIssuer: { flag: '--auth-issuer', type: 'text' },
  authJwks: { flag: '--auth-jwks', type: 'file' },
  authPublicKey: { flag: '--auth-public-key', type: 'file' },
  authQueryToken: { flag: '--auth-query-token', type: 'boolean' },
  authSecretFile: { flag: '--auth-secret-file', type: 'file' },
  data: { flag: '--data', type: 'file' },
  drainMs: { flag: '--drain-seconds', type: 'number', unit: 'ms' },
  drainTimeoutMs: { flag: '--drain-timeout', type: 'number', unit: 'ms' },
  durability: { flag: '--durability', type: 'text' },
  firstMessageTimeoutMs: { flag: '--first-message-timeout', type: 'number', unit: 'ms' },
  handshakesPerSecond: { flag: '--handshake-rate', type: 'number' },
  handshakeTimeoutMs: { flag: '--handshake-timeout', type: 'number', unit: 'ms' },
  historyAgeMs: { flag: '--history-age', type: 'number', unit: 'ms' },
  historyBytes: { flag: '--history-bytes', type: 'number', unit: 'B' },
  historyNotifications: { flag: '--history-notifications', type: 'number' },
  maxConnections: { flag: '--max-connections', type: 'number' },
  maxConnectionsPerAddress: { flag: '--max-connections-per-address', type: 'number' },
  maxFilterValues: { flag: '--max-filter-values', type: 'number' },
  maxHeaderBytes: { flag: '--max-header', type: 'number', unit: 'B' },
  maxMessageBytes: { flag: '--max-message', type: 'number', unit: 'B' },
  maxOutboxBytes: { flag: '--max-outbox', type: 'number', unit: 'B' },
  maxSubscriptions: { flag: '--max-subscriptions', type: 'number' },
  messagesPerSecond: { flag: '--message-rate', type: 'number' },
  messagesPerSecondPerAddress: { flag: '--message-rate-per-address', type: 'number' },
  permessageDeflate: { flag: '--permessage-deflate', type: 'boolean' },
  pingIntervalMs: { flag: '--ping-interval', type: 'number', unit: 'ms' },
  publishesPerSecond: { flag: '--publish-rate', type: 'number' },
  reconnectJitterMs: { flag: '--reconnect-jitter', type: 'number', unit: 'ms' },
  schemaMode: { flag: '--schema-mode', type: 'text' },
  schemas: { flag: '--schemas', type: 'file' },
  slowReaderTimeoutMs: { flag: '--slow-reader-timeout', type: 'number', unit: 'ms' },
  tolerant: { flag: '--tolerant', type: 'boolean' },
  trustProxies: { flag: '--trust-proxy', type: 'addresses' },
};

/**
 * The flags of `wsn serve` for options: `{ pingIntervalMs: 300 }` is `--ping-interval 300ms`.
 * @param folder from which files and folders among the options are named.
 * @returns arguments in the order of the options. Only JSON and the names of files may have anything in them that a shell would change.
 * @throws ServerError that names the option, when it has no flag or not this kind of value.
 */
export function serverFlags(options: ServerOptions, folder = '.'): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    const known = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
    if (!known) {
      throw new ServerError('usage', `the server option "${name}" has no flag; expected one of ${Object.keys(FLAGS).join(', ')}`);
    }
    const { flag, type, unit } = known;
    if (typeof value === 'boolean' && type === 'boolean') return value ? [flag] : [];
    const argument = argumentOf[type](value, { folder, unit });
    if (argument !== undefined) return [flag, argument];
    const expected = `${EXPECTED[type]}${unit === undefined ? '' : UNIT_NAMES[unit]}`;
    throw new ServerError('usage', `the server option "${name}" is ${JSON.stringify(value)}; expected ${expected}`);
  });
}

const EXPECTED: Readonly<Record<Flag['type'], string>> = {
  boolean: 'true or false',
  number: 'a whole number',
  addresses: 'addresses such as "10.0.0.0/8", with commas between',
  text: 'words without spaces, with commas between',
  file: 'the name of a file or folder',
  grants: '"all", "none" or a list of grants',
};

const UNIT_NAMES = { ms: ' of milliseconds', B: ' of bytes' } as const;

type ToArgument = (value: Json, of: { readonly folder: string; readonly unit: Flag['unit'] }) => string | undefined;

/** What stands behind a flag; `undefined` for a value of another kind. */
const argumentOf: Readonly<Record<Flag['type'], ToArgument>> = {
  boolean: () => undefined,
  number: (value, { unit = '' }) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? `${value}${unit}` : undefined,
  addresses: (value) => textLike(/^[\da-fA-F.:/,]+$/, value),
  text: (value) => textLike(/^[\w.:/,=*@[\]-]+$/, value),
  file: (value, { folder }) => (typeof value === 'string' && value !== '' ? resolve(folder, value) : undefined),
  grants: (value) => (Array.isArray(value) ? JSON.stringify(value) : textLike(/^(?:all|none)$/, value)),
};

function textLike(pattern: RegExp, value: Json): string | undefined {
  return typeof value === 'string' && pattern.test(value) ? value : undefined;
}
