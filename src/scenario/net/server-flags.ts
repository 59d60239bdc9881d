import { ServerError } from './server-error.js';

/** Options of a server by their names in PROTOCOL.md section 8; sizes in bytes, durations in ms. */
export type ServerOptions = Readonly<Record<string, number | boolean | string>>;

/** The flag of an option of `wsn serve`, and what may be said of it. */
interface Flag {
  readonly flag: string;
  readonly type: 'number' | 'boolean' | 'addresses';
  /** Behind a number. */
  readonly unit?: 'ms' | 'B';
}

const FLAGS: Readonly<Record<string, Flag>> = {
  allowPublish: { flag: '--allow-publish', type: 'addresses' },
  drainTimeoutMs: { flag: '--drain-timeout', type: 'number', unit: 'ms' },
  handshakeTimeoutMs: { flag: '--handshake-timeout', type: 'number', unit: 'ms' },
  historyAgeMs: { flag: '--history-age', type: 'number', unit: 'ms' },
  historyBytes: { flag: '--history-bytes', type: 'number', unit: 'B' },
  historyNotifications: { flag: '--history-notifications', type: 'number' },
  maxMessageBytes: { flag: '--max-message', type: 'number', unit: 'B' },
  maxOutboxBytes: { flag: '--max-outbox', type: 'number', unit: 'B' },
  pingIntervalMs: { flag: '--ping-interval', type: 'number', unit: 'ms' },
  slowReaderTimeoutMs: { flag: '--slow-reader-timeout', type: 'number', unit: 'ms' },
  tolerant: { flag: '--tolerant', type: 'boolean' },
};

/**
 * The flags of `wsn serve` for options: `{ pingIntervalMs: 300 }` is `--ping-interval 300ms`.
 * @returns arguments in the order of the options; none of them has a space or anything else that a shell would change.
 * @throws ServerError that names the option, when it has no flag or not this kind of value.
 */
export function serverFlags(options: ServerOptions): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    const known = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
    if (!known) {
      throw new ServerError('usage', `the server option "${name}" has no flag; expected one of ${Object.keys(FLAGS).join(', ')}`);
    }
    return argumentsOf(name, known, value);
  });
}

function argumentsOf(name: string, { flag, type, unit = '' as never }: Flag, value: number | boolean | string): string[] {
  const found = JSON.stringify(value);
  if (type === 'boolean') {
    if (typeof value !== 'boolean') throw new ServerError('usage', `the server option "${name}" is ${found}; expected true or false`);
    return value ? [flag] : [];
  }
  if (type === 'addresses') {
    if (typeof value === 'string' && /^[\da-fA-F.:/,]+$/.test(value)) return [flag, value];
    throw new ServerError('usage', `the server option "${name}" is ${found}; expected addresses such as "10.0.0.0/8", with commas between`);
  }
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return [flag, `${value}${unit}`];
  throw new ServerError('usage', `the server option "${name}" is ${found}; expected a whole number${unitName(unit)}`);
}

function unitName(unit: string): string {
  return { ms: ' of milliseconds', B: ' of bytes' }[unit] ?? '';
}
