import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explain, type Filters, type Json, matches, type Reason } from '../../src/protocol/index.js';
import { filters, RUNS } from './arbitraries.js';

const TOPIC = { package: 'p', page: 'q' };

function explained(wanted: string, given: string): Reason {
  const read = (text: string) => ({ ...TOPIC, filters: JSON.parse(text) as Filters });
  return explain(read(wanted), read(given));
}

/** The reason of the one filter, which stands behind those of package and page. */
function ofFilter(wanted: string, given: string): Reason {
  const reason = explained(`{"values":${wanted}}`, `{"values":${given}}`).parts[2];
  if (!reason) throw new Error('expected a reason for the filter');
  return reason;
}

function everyReason(reason: Reason): readonly Reason[] {
  return [reason, ...reason.parts.flatMap(everyReason)];
}

describe('an explanation', () => {
  test('accepts exactly what matches (R-3.1)', () => {
    const name = fc.constantFrom('p', 'P');
    const side = fc.record({ package: name, page: fc.constant('q'), filters });
    fc.assert(
      fc.property(side, side, (subscription, notification) => {
        expect(explain(subscription, notification).accepted).toBe(matches(subscription, notification));
      }),
      { numRuns: RUNS },
    );
  });

  test('accepts exactly what matches where a filter meets a filter of the same name (R-3.2)', () => {
    fc.assert(
      fc.property(filters, filters, (wanted, given) => {
        const subscription = { ...TOPIC, filters: { values: wanted } };
        const notification = { ...TOPIC, filters: { values: [given, Object.values(given)[0] ?? null] as Json } };
        const reason = explain(subscription, notification);
        expect(reason.accepted).toBe(matches(subscription, notification));
        for (const part of everyReason(reason)) expect(part.because).not.toBe('');
      }),
      { numRuns: RUNS },
    );
  });

  test('of seed 1 says which value is in which list', () => {
    expect(explained('{"values":{"channel":["2","3","5"]}}', '{"values":"2"}')).toEqual({
      accepted: true,
      what: 'subscription',
      because: 'the subscription matches: the topic is equal and every filter accepts',
      parts: [
        { accepted: true, what: 'package', because: '"p" is equal', parts: [] },
        { accepted: true, what: 'page', because: '"q" is equal', parts: [] },
        {
          accepted: true,
          what: 'filters.values',
          because: '"2" is a plain value, and one member wanted accepts it',
          parts: [{ accepted: true, what: 'filters.values.channel', because: '"2" is one of ["2","3","5"]', parts: [] }],
        },
      ],
    });
  });

  test('of seed 1 for channel 4 says what refuses', () => {
    const reason = explained('{"values":{"channel":["2","3","5"]}}', '{"values":"4"}');
    expect(reason.because).toBe('the subscription does not match: 1 of 3 conditions refused');
    expect(reason.parts[2]?.because).toBe('"4" is a plain value, and no member wanted accepts it');
    expect(reason.parts[2]?.parts[0]?.because).toBe('"4" is none of ["2","3","5"]');
  });

  test('without filters says so', () => {
    expect(explained('null', '{"values":"2"}').because).toBe('the subscription matches: the topic is equal and there are no filters');
  });

  test('goes on after the first refusal, so that one reading shows all that has to be changed', () => {
    const reason = explain({ package: 'x', page: 'y', filters: { a: '1', b: '2', c: '3' } }, { ...TOPIC, filters: { a: '1', b: '0' } });
    expect(reason.because).toBe('the subscription does not match: 4 of 5 conditions refused');
    expect(reason.parts.map(({ what, accepted }) => [what, accepted])).toEqual([
      ['package', false],
      ['page', false],
      ['filters.a', true],
      ['filters.b', false],
      ['filters.c', false],
    ]);
  });

  test.each([
    [
      { package: 'P', page: 'q' },
      'package',
      '"P" is wanted, "p" is given',
      'names are compared exactly: upper and lower case and spaces count',
    ],
    [
      { package: 'p', page: ' q' },
      'page',
      '" q" is wanted, "q" is given',
      'names are compared exactly: upper and lower case and spaces count',
    ],
    [{ package: 'x', page: 'q' }, 'package', '"x" is wanted, "p" is given', undefined],
  ])('of %j names the topic’s part at fault', (subscription, what, because, hint) => {
    const refused = explain(subscription, TOPIC).parts.find(({ accepted }) => !accepted);
    expect([refused?.what, refused?.because, refused?.hint]).toEqual([what, because, hint]);
  });

  test.each([
    ['{"value":true}', '{"values":"2"}', 'the notification has no member "value" here', 'it has "values": names are compared exactly'],
    ['{"Values":true}', '{"values":"2"}', 'the notification has no member "Values" here', 'it has "values": names are compared exactly'],
    ['{"user":true}', '{"values":"2"}', 'the notification has no member "user" here', undefined],
    ['{"constructor":true}', '{}', 'the notification has no member "constructor" here', undefined],
  ])('of the missing name in %s against %s names the one that is near', (wanted, given, because, hint) => {
    const reason = explained(wanted, given).parts[2];
    expect([reason?.accepted, reason?.because, reason?.hint]).toEqual([false, because, hint]);
  });

  test.each([
    ['true', 'null', 'any value is wanted (true), null is present'],
    ['{}', '[]', 'any value is wanted (an empty object), [] is present'],
    ['"2"', '2', '2 is equal to "2"'],
    ['"2"', '["1","2"]', 'one of the elements given is accepted'],
    ['["2"]', '"2"', '"2" is one of ["2"]'],
    ['{"a":"1"}', '{"a":1}', 'every member wanted is given and accepted'],
    ['{"a":"1","b":"2"}', '"2"', '"2" is a plain value, and one member wanted accepts it'],
  ])('of %s against %s says why it is accepted', (wanted, given, because) => {
    const reason = ofFilter(wanted, given);
    expect([reason.accepted, reason.because, reason.hint]).toEqual([true, because, undefined]);
  });

  const EVERY_DIGIT = 'values are compared as text, so every digit counts';
  const CASE = 'values are compared as text: upper and lower case and spaces count';
  const INSIDE = 'to look inside, write an object with the same member names';
  test.each([
    ['"02"', '"2"', '"02" is wanted, "2" is given', `"02" is not "2": ${EVERY_DIGIT}`],
    ['"2.0"', '2', '"2.0" is wanted, 2 is given', `"2.0" is not "2": ${EVERY_DIGIT}`],
    ['"1e3"', '1000', '"1e3" is wanted, 1000 is given', `"1e3" is not "1000": ${EVERY_DIGIT}`],
    ['"A"', '"a"', '"A" is wanted, "a" is given', CASE],
    ['"2"', '" 2"', '"2" is wanted, " 2" is given', CASE],
    ['null', '"null"', 'null is wanted, "null" is given', 'null is equal only to null, not to the text "null"'],
    ['"null"', 'null', '"null" is wanted, null is given', 'null is equal only to null, not to the text "null"'],
    ['null', '"2"', 'null is wanted, "2" is given', undefined],
    ['"2"', '"3"', '"2" is wanted, "3" is given', undefined],
    ['"0"', '""', '"0" is wanted, "" is given', undefined],
    ['"1"', '1e999', '"1" is wanted, Infinity is given', undefined],
    ['["02","3"]', '"2"', '"2" is none of ["02","3"]', `"02" is not "2": ${EVERY_DIGIT}`],
    ['[true]', '"2"', '"2" is none of [true]', 'inside a list true is an ordinary value, not "any value"'],
    ['[["2"]]', '"2"', '"2" is none of [["2"]]', 'arrays and objects inside a list accept nothing'],
    ['[]', '"2"', 'an empty list is wanted: it accepts nothing', 'true accepts any value'],
    ['"2"', '[]', 'an empty array is given: it has no element that could be accepted', undefined],
    ['"2"', '["1"]', 'none of the elements given is accepted', undefined],
    ['["2"]', '{"a":"2"}', 'an array is wanted, an object is given: a plain value or a list never accepts an object', INSIDE],
    ['"2"', '{"a":"2"}', 'a string is wanted, an object is given: a plain value or a list never accepts an object', INSIDE],
    ['{"a":"1","b":"2"}', '{"a":"1"}', 'an object is given, so every member wanted must accept', undefined],
    ['{"a":"1"}', '"2"', '"2" is a plain value, and no member wanted accepts it', undefined],
  ])('of %s against %s says why it is refused, and hints', (wanted, given, because, hint) => {
    const reason = ofFilter(wanted, given);
    expect([reason.accepted, reason.because, reason.hint]).toEqual([false, because, hint]);
  });

  test('of numbers above 2^53 warns that they may be equal by accident', () => {
    const reason = ofFilter('9007199254740993', '9007199254740992');
    expect([reason.accepted, reason.hint]).toEqual([true, 'numbers above 2^53 may compare equal though they differ: send ids as strings']);
  });

  test('names the place of each comparison', () => {
    const reason = ofFilter('{"a":{"b":"1"}}', '[{"a":"0"},{"a":{"b":"1"}}]');
    expect(everyReason(reason).map(({ what }) => what)).toEqual([
      'filters.values',
      'filters.values[0]',
      'filters.values[0].a',
      'filters.values[0].a.b',
      'filters.values[1]',
      'filters.values[1].a',
      'filters.values[1].a.b',
    ]);
  });

  test('repeats a long value up to 60 characters and breaks none of them', () => {
    const { because } = ofFilter('"2"', JSON.stringify('😀'.repeat(80)));
    expect(because).toBe(`"2" is wanted, "${'😀'.repeat(58)}… is given`);
    expect(ofFilter('"2"', JSON.stringify('😀'.repeat(58))).because).toBe(`"2" is wanted, "${'😀'.repeat(58)}" is given`);
  });
});
