import { broken } from './mistakes/index.mjs';

/** A text, a number, a boolean or null. */
export function isScalar(value) {
  return value === null || typeof value !== 'object';
}

/** Two scalars are equal when their text forms are; null equals only null. */
export function equal(wanted, given) {
  if (wanted === null || given === null) return nullsEqual(wanted, given);
  if (broken('loose-equality')) return wanted === given || Number(wanted) === Number(given);
  if (broken('numeric') && isNumeric(wanted) && isNumeric(given)) return Number(wanted) === Number(given);
  if (broken('number-not-text') && typeof wanted !== typeof given && (typeof wanted === 'number' || typeof given === 'number'))
    return false;
  if (broken('boolean-not-text') && typeof wanted !== typeof given && (typeof wanted === 'boolean' || typeof given === 'boolean'))
    return false;
  const [a, b] = [textForm(wanted), textForm(given)];
  if (broken('part-of-text')) return b.includes(a);
  return a === b;
}

function nullsEqual(wanted, given) {
  if (broken('null-equals-nothing')) return false;
  if (broken('null-equals-text')) return String(wanted) === String(given);
  if (broken('null-equals-empty')) return (wanted ?? '') === (given ?? '');
  if (broken('null-equals-false')) return (wanted ?? false) === (given ?? false);
  return wanted === given;
}

function isNumeric(value) {
  return typeof value === 'number' || (typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)));
}

function textForm(value) {
  if (typeof value === 'number') return numberForm(value);
  let text = String(value);
  if (broken('case-ignored')) text = text.toLowerCase();
  if (broken('trimmed-values')) text = text.trim();
  if (broken('normalised')) text = text.normalize('NFC');
  return text;
}

function numberForm(value) {
  if (broken('number-truncated')) return String(Math.trunc(value));
  if (broken('negative-zero') && Object.is(value, -0)) return '-0';
  if (broken('large-number-digits') && Number.isInteger(value)) return BigInt(value).toString();
  return String(value);
}
