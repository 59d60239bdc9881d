import type { Json } from '../../protocol/index.js';

/** Texts that YAML reads as the same text without quotes. */
const PLAIN = /^(?!(?:true|false|null|~|none|yes|no|on|off)$)(?![-+.]?\d[\d_]*(?:\.\d*)?(?:e[-+]?\d+)?$)[A-Za-z0-9/][A-Za-z0-9._/+:-]*$/i;

/** One value on one line of YAML: plain where that is safe, else as JSON, which YAML holds. */
export function scalarText(value: Json): string {
  if (typeof value === 'string' && (value === 'none' || (PLAIN.test(value) && !value.endsWith(':')))) return value;
  return JSON.stringify(value);
}
