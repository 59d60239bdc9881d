import { isObject, type Json } from '../../protocol/index.js';
import { API_KEYS } from '../settings/api-keys.js';
import type { Effective } from '../settings/configuration.js';
import { FILE_OR_URL, URL_TEXT } from '../settings/kinds.js';
import { isSecret } from '../settings/setting.js';

const HIDDEN = '***';

/** The value as a file has it, secrets, digests of keys and what a URL carries of them as `***`; `undefined` where nothing is set. */
export function shownValue({ setting, value }: Effective): Json | undefined {
  if (value === undefined) return undefined;
  if (isSecret(setting)) return HIDDEN;
  const shown = setting.kind.format(value);
  if (setting.kind === API_KEYS && Array.isArray(shown)) return shown.map(withoutDigest);
  const mayHoldUrl = setting.kind === URL_TEXT || setting.kind === FILE_OR_URL;
  return mayHoldUrl && typeof shown === 'string' ? withoutCredentials(shown) : shown;
}

function withoutDigest(key: Json): Json {
  return isObject(key) ? { ...key, sha256: HIDDEN } : key;
}

function withoutCredentials(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/?#]*@/i, `$1${HIDDEN}@`).replace(/\?.+$/s, `?${HIDDEN}`);
}
