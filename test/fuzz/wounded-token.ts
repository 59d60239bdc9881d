import { mutate, type Roll } from './mutate.js';

/** A token with a wound: in its text, or in the JSON of its header or payload under the same signature. */
export function woundedToken(token: string, roll: Roll): string {
  const parts = token.split('.');
  const which = roll(4);
  if (which === 3) return mutate(Buffer.from(token), roll).toString('latin1');
  if (which === 2) parts[2] = mutate(Buffer.from(parts[2] ?? ''), roll).toString('latin1');
  else parts[which] = mutate(Buffer.from(parts[which] ?? '', 'base64url'), roll).toString('base64url');
  return parts.join('.');
}
