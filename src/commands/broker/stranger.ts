import type { Way } from './way.js';

/**
 * What the user can do about a 401 or a 4401, to be put behind the broker's own words: nothing where something was
 * brought, since the broker says what is wrong with it.
 */
export function stranger({ brings }: Way): string {
  if (brings === 'key') return '; this is about the API key that was given';
  if (brings === 'token') return '; this is about the token that was given';
  return '; the broker wants a token: --token or WSN_TOKEN, or for publishers a key: --api-key or WSN_API_KEY';
}
