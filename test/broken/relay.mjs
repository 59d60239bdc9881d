import { broken } from './mistakes/index.mjs';

const topNames = ['package', 'page', 'filters', 'data', 'message'];
const escapeAll = (text) =>
  text.replace(/[^\0-\x7f]/gu, (c) =>
    [...Array(c.length).keys()].map((i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );
const without = (value, drop) => Object.fromEntries(Object.entries(value).filter(([name, each]) => !drop(each, name)));
const sorted = (value) =>
  isPlain(value)
    ? Object.fromEntries(
        Object.keys(value)
          .sort()
          .map((name) => [name, sorted(value[name])]),
      )
    : value;
const isPlain = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const numbersAsTexts = (data) =>
  isPlain(data) ? Object.fromEntries(Object.entries(data).map(([k, v]) => [k, typeof v === 'number' ? String(v) : v])) : data;

/** How a notification can be spoiled: mistake → (its text, its value, the whole message) → the text relayed. */
const spoilers = {
  'relay-parsed': (_, value) => JSON.stringify(value),
  'relay-minified': (text) => text.replace(/("(?:\\.|[^"\\])*")|\s+/gu, '$1'),
  'relay-sorted': (_, value) => JSON.stringify(sorted(value)),
  'relay-big-integers': (text) =>
    text.replace(/([:[,]\s*)(\d{16,})(?=\s*[,}\]])/gu, (_, before, digits) => before + BigInt(Number(digits))),
  'relay-floats': (text) => text.replace(/([:[,]\s*-?\d+)\.0+(?=\s*[,}\]])/gu, '$1'),
  'relay-escapes': (text) => escapeAll(text),
  'relay-unescapes': (text) =>
    text.replace(/\\u(?!00[01]|0022|005c|d[89a-f])([0-9a-f]{4})/giu, (_, code) => String.fromCharCode(Number.parseInt(code, 16))),
  'relay-slashes': (text) => text.replace(/(?<!\\)\//gu, '\\/'),
  'relay-html': (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
  'relay-falsy-dropped': (text, value) =>
    Object.values(value).every(Boolean) && Object.values(value.data ?? {}).every(Boolean)
      ? text
      : JSON.stringify(
          without({ ...value, data: isPlain(value.data) ? without(value.data, (each) => !each) : value.data }, (each) => !each),
        ),
  'relay-null-dropped': (text, value) =>
    Object.values(value).includes(null) ? JSON.stringify(without(value, (each) => each === null)) : text,
  'relay-unknown-dropped': (text, value) =>
    Object.keys(value).every((name) => topNames.includes(name))
      ? text
      : JSON.stringify(without(value, (_, name) => !topNames.includes(name))),
  'relay-filters-dropped': (_, value) => JSON.stringify({ ...value, filters: undefined }),
  'relay-twice-encoded': (text) => JSON.stringify(text),
  'relay-time-added': (text) => text.replace(/\}\s*$/u, ',"time":"2026-01-01T00:00:00Z"}'),
  'relay-data-only': (_, { data, message }) => JSON.stringify({ data, message }),
  'relay-data-as-text': (text, value) =>
    Object.values(value.data ?? {}).some((each) => typeof each === 'number')
      ? JSON.stringify({ ...value, data: numbersAsTexts(value.data) })
      : text,
  'relay-list-of-one': (text) => `[${text}]`,
};

/** The text of a notification that is relayed: the bytes that came. */
export function relayed(text, value) {
  const mistake = Object.keys(spoilers).find(broken);
  return mistake === undefined ? text : spoilers[mistake](text, value);
}

/** The message that brings a notification to a peer; `position` only for a v1 peer. */
export function deliveryText(entry, position) {
  if (broken('relay-whole-message') && entry.whole !== undefined) return entry.whole;
  const sender = broken('relay-no-sender') ? '' : `"sender":"${broken('relay-sender-client') ? 'client' : 'server'}",`;
  if (position === undefined) return `{${sender}"notification":${entry.text}}`;
  const written = JSON.stringify(broken('position-text') ? { ...position, offset: String(position.offset) } : position);
  if (broken('position-inside')) return `{${sender}"notification":${entry.text.replace(/\}\s*$/u, `,"position":${written}}`)}}`;
  return `{${sender}"position":${written},"notification":${entry.text}}`;
}
