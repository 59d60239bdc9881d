import fc from 'fast-check';
import { expect, test } from 'vitest';
import { topicKey } from '../../src/protocol/index.js';
import { RUNS } from './arbitraries.js';

test('a topic is a pair: "a|b" with "c" is another than "a" with "b|c" (R-2.4)', () => {
  expect(topicKey({ package: 'a|b', page: 'c' })).not.toBe(topicKey({ package: 'a', page: 'b|c' }));
  expect(topicKey({ package: '1:a', page: 'b' })).not.toBe(topicKey({ package: '1', page: ':ab' }));
  expect(topicKey({ package: 'a', page: 'b' })).toBe(topicKey({ page: 'b', package: 'a' }));
});

test('keys of topics are equal exactly when both names are (R-2.4)', () => {
  const name = fc.string({ unit: fc.constantFrom('1', '2', ':', 'a', '|', '\u0000'), minLength: 1, maxLength: 4 });
  const topic = fc.record({ package: name, page: name });
  fc.assert(
    fc.property(topic, topic, (one, other) => {
      const areEqual = one.package === other.package && one.page === other.page;
      expect(topicKey(one) === topicKey(other)).toBe(areEqual);
    }),
    { numRuns: RUNS },
  );
});
