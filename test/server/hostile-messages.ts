import { notice, publication, subscriptionsText, TOPIC } from '../support/peers.js';

/** A small generator of the same numbers in every run (mulberry32). */
export function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) % sides;
  };
}

/** Good messages, from which the bad ones are made. */
const GOOD = [
  subscriptionsText([{ ...TOPIC, filters: { values: { channel: ['2', '3', '5'] } } }]),
  subscriptionsText([TOPIC, { package: 'p', page: 'q', filters: {} }], { id: '1', resume: [{ ...TOPIC, epoch: 'k', offset: 1 }] }),
  publication(notice({ text: 'é𝄞' }, { values: '2' })),
  publication(notice(null), { id: '9', key: 'order-17' }),
  '{"sender":"client","id":"2","token":"t"}',
];

/** Values that are at home nowhere. */
const STRANGE = [
  'null',
  '[]',
  '-1e999',
  '""',
  '"\\ud800"',
  'true',
  '[[[]]]',
  '{"__proto__":{"package":"p"}}',
  `"${'x'.repeat(300)}"`,
  `${'['.repeat(5000)}${']'.repeat(5000)}`,
  `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
  '01',
  'undefined',
  '\u0000',
  '/**/1',
];

/** Ways to spoil a message, each by some throws of the dice. */
const MUTATIONS: readonly (readonly [name: string, spoil: (good: string, roll: (sides: number) => number) => Buffer])[] = [
  ['cut', (good, roll) => Buffer.from(good.slice(0, roll(good.length)))],
  ['beheaded', (good, roll) => Buffer.from(good.slice(1 + roll(good.length - 1)))],
  [
    'with a byte changed',
    (good, roll) => {
      const bytes = Buffer.from(good);
      bytes[roll(bytes.length)] = roll(256);
      return bytes;
    },
  ],
  ['with a control character', (good, roll) => inserted(good, String.fromCharCode(roll(32)), roll)],
  ['with a bracket more', (good, roll) => inserted(good, '[]{},:"'[roll(7)] as string, roll)],
  [
    'with a strange value',
    (good, roll) => replaced(good, /"[^"]*"(?=[,}\]])|\[[^[\]]*\]|\{[^{}]*\}|\b\d+\b/g, STRANGE[roll(STRANGE.length)] as string, roll),
  ],
  [
    'with a strange name',
    (good, roll) => replaced(good, /"[^"]*"(?=:)/g, ['"__proto__"', '""', '"constructor"', '1', '"s\\u0065nder"'][roll(5)] as string, roll),
  ],
  ['with a member twice', (good) => Buffer.from(`${good.slice(0, -1)},${good.slice(1)}`)],
  ['twice', (good) => Buffer.from(good + good)],
  ['in an array', (good) => Buffer.from(`[${good}]`)],
  ['as a string', (good) => Buffer.from(JSON.stringify(good))],
  ['in UTF-16', (good) => Buffer.from(good, 'utf16le')],
];

function inserted(good: string, text: string, roll: (sides: number) => number): Buffer {
  const at = roll(good.length);
  return Buffer.from(good.slice(0, at) + text + good.slice(at));
}

function replaced(good: string, pattern: RegExp, text: string, roll: (sides: number) => number): Buffer {
  const places = [...good.matchAll(pattern)];
  const { index, 0: old } = places[roll(places.length)] as RegExpExecArray;
  return Buffer.from(good.slice(0, index) + text + good.slice(index + old.length));
}

/** `rounds` times each mutation of each good message, named. Some may by chance still be good. */
export function hostileMessages(rounds: number, seed: number): readonly { readonly name: string; readonly bytes: Buffer }[] {
  const roll = dice(seed);
  return Array.from({ length: rounds }).flatMap(() =>
    GOOD.flatMap((good, index) => MUTATIONS.map(([name, spoil]) => ({ name: `message ${index} ${name}`, bytes: spoil(good, roll) }))),
  );
}
