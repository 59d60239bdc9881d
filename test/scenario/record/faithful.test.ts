import { expect, it } from 'vitest';
import type { Json } from '../../../src/protocol/index.js';
import { isFaithful } from '../../../src/scenario/record/faithful.js';

it.each(['{}', '[1,-2.5,0,1e+21]', '{"a":{"a":[{"b":"1.0:{\\"x\\":1}"}]}}', ' { "a" : "é\\u00e9" } '])(
  '%s is what its value says',
  (text) => {
    expect(isFaithful(text, JSON.parse(text) as Json)).toBe(true);
  },
);

it.each(['[1.0]', '[12345678901234567890]', '[1E3]', '{"a":1,"a":2}', '{"\\u0061":1}', '["\\ud800"]', '{"a":{"$absent":true}}'])(
  '%s says more than its value',
  (text) => {
    expect(isFaithful(text, JSON.parse(text) as Json)).toBe(false);
  },
);
