import { randomUUID } from 'node:crypto';
import { LIMITS } from '../../protocol/index.js';
import { UsageError } from '../exit/usage-error.js';
import type { Outgoing } from './outgoing.js';

interface KeyOptions {
  /** For one notification. */
  readonly key: string | undefined;
  /** Whether each has to have one, since it may be sent twice. */
  readonly retry: boolean;
}

/**
 * Gives notifications their keys: the one that was asked for, or one each that nobody else has. A key of their own stays.
 * @throws UsageError when `key` is none, or is not for one notification without a key of its own.
 */
export function withKeys(outgoing: readonly Outgoing[], { key, retry }: KeyOptions): readonly Outgoing[] {
  if (key !== undefined) return [{ ...soleOf(outgoing), key: checked(key) }];
  return retry ? outgoing.map((one) => ({ key: randomUUID(), ...one })) : outgoing;
}

function soleOf(outgoing: readonly Outgoing[]): Outgoing {
  const [first, ...others] = outgoing;
  if (first === undefined || others.length > 0) {
    throw new UsageError(`--key is for one notification, found ${outgoing.length}: give each of many its own in a publisher's message`);
  }
  if (first.key !== undefined) throw new UsageError('--key and the key in the message exclude each other');
  return first;
}

function checked(key: string): string {
  const bytes = Buffer.byteLength(key);
  if (bytes >= 1 && bytes <= LIMITS.keyBytes) return key;
  throw new UsageError(`--key: expected 1 to ${LIMITS.keyBytes} bytes, found ${bytes}`);
}
