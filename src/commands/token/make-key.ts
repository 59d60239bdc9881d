import { createHash, randomBytes } from 'node:crypto';
import { KEY_NAME } from '../../server/identity/key-table.js';
import { EXIT } from '../exit/exit-codes.js';
import { UsageError } from '../exit/usage-error.js';

/** So that those who find it, and programs that look for secrets in code, know what it is. */
const PREFIX = 'wsn_';
const KEY_BYTES = 32;
/** What HS512 needs. */
const SECRET_BYTES = 64;

/**
 * Prints a new API key, and what the broker has to know of it: its name and its digest.
 * @throws UsageError for a name that could not stand in the broker's options.
 */
export function makeKey({ name, json }: { readonly name: string; readonly json?: boolean }): number {
  if (!KEY_NAME.pattern.test(name)) {
    throw new UsageError(`--name ${JSON.stringify(name)}: expected ${KEY_NAME.expected}`);
  }
  const key = `${PREFIX}${randomBytes(KEY_BYTES).toString('base64url')}`;
  const sha256 = createHash('sha256').update(key).digest('hex');
  process.stdout.write(json ? `${JSON.stringify({ name, key, sha256 })}\n` : `${key}\n`);
  if (json) return EXIT.ok;
  process.stderr.write(
    [
      'The key is shown this once. It goes to the publisher, as WSN_API_KEY; the broker is given its digest:',
      `  --api-key ${name}=${sha256}`,
      `  {name: ${name}, sha256: ${sha256}}    in auth.apiKeys of wsn.yaml`,
      '',
    ].join('\n'),
  );
  return EXIT.ok;
}

/** Prints a new secret for HS256, HS384 and HS512, in printable characters. */
export function makeSecret(): number {
  process.stdout.write(`${randomBytes(SECRET_BYTES).toString('base64url')}\n`);
  return EXIT.ok;
}
