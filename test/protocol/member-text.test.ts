import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memberText } from '../../src/protocol/member-text.js';
import { jsonText, nested, RUNS } from './arbitraries.js';

function id(text: string): string | undefined {
  return memberText(text, 'id');
}

describe('the text of a member', () => {
  test.each([
    ['{"id":"7"}', '"7"'],
    [' {"x":[[{"id":"6"}]], "id" : "7" ,"y":{"id":8}} ', ' "7" '],
    ['{"id":"7","id":"8"}', '"8"'],
    ['{"\\u0069d":"7"}', '"7"'],
    ['{"id":"a\\"},\\\\"}', '"a\\"},\\\\"'],
    ['{"id":"é"}', '"é"'],
    ['{"x":"id","id":[1,{"id":2}],"y":"id"}', '[1,{"id":2}]'],
    [`{"x":${nested(100_000, 'objects')},"id":"7"}`, '"7"'],
  ])('of %j is found where the root has it (R-5.9)', (text, found) => {
    expect(id(text)).toBe(found);
  });

  test.each([
    '',
    '7',
    '"id"',
    '[{"id":"7"}]',
    '{}',
    '{"ID":"7"}',
    '{"x":{"id":"7"}}',
    '{"id":"7"',
    '{"id":"7',
    '{"id',
    '{"id":"7","x":[}',
    '{"id"}',
  ])('of %j is not there (R-5.9)', (text) => expect(id(text)).toBeUndefined());

  test('is what JSON.parse would find, whatever else the message holds (R-5.9)', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('"id"', '"\\u0069d"', '"x"', '"sender"'), jsonText), { maxLength: 5 }), (members) => {
        const text = `{${members.map(([name, value]) => `${name}:${value}`).join()}}`;
        const found = id(text);
        expect(found === undefined ? undefined : JSON.parse(found)).toEqual((JSON.parse(text) as { id?: unknown }).id);
      }),
      { numRuns: RUNS },
    );
  });
});
