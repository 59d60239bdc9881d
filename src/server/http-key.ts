import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { ProtocolError, readKey } from '../protocol/index.js';
import type { Request } from './notify.js';
import { timesGiven } from './times-given.js';

/**
 * The key of the header `Idempotency-Key`, whose bytes are UTF-8: Node reads them as Latin-1.
 * @throws ProtocolError `invalid-key` for one that is none, and for two.
 */
export function headerKey({ headers, rawHeaders }: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): string | undefined {
  const header = headers['idempotency-key'];
  if (header === undefined) return undefined;
  if (timesGiven('Idempotency-Key', rawHeaders) > 1) throw new ProtocolError('invalid-key', 'expected one Idempotency-Key header');
  const bytes = Buffer.from(String(header), 'latin1');
  if (!isUtf8(bytes)) throw new ProtocolError('invalid-key', 'expected the Idempotency-Key header in UTF-8');
  return readKey(bytes.toString(), '');
}

/**
 * The key of a body, of its header, or of both.
 * @throws ProtocolError `invalid-key` for two that differ.
 */
export function keyOfBoth(inBody: string | undefined, inHeader: string | undefined): Request['key'] {
  if (inBody === undefined) return inHeader === undefined ? undefined : { value: inHeader, path: '' };
  if (inHeader === undefined || inHeader === inBody) return { value: inBody, path: '/key' };
  throw new ProtocolError('invalid-key', 'expected the key of the Idempotency-Key header, found another', { path: '/key' });
}
