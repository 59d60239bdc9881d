import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAnswer, receiptNumber } from '../../../../src/bench/traffic/publishers/read-answer.js';

const numberOf = (text: string, before = '', after = '') => {
  const bytes = Buffer.from(before + text + after);
  return receiptNumber(bytes, Buffer.byteLength(before), bytes.length - Buffer.byteLength(after));
};
const RECEIPT = '"receipt":{"position":{"epoch":"k","offset":1},"matched":0,"duplicate":false}';
const refusal = (error: object) =>
  JSON.stringify({ sender: 'server', id: '7', error: { code: 'forbidden', message: 'no', retry: false, ...error } });

describe('the number of a receipt', () => {
  it('is read from its bytes, wherever they stand among others', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string(), fc.string(), (index, before, after) => {
        expect(numberOf(`{"sender":"server","id":"${index}",${RECEIPT}}`, before, after)).toBe(index);
      }),
    );
  });

  it.each([
    ['an error', refusal({})],
    ['another order of members', `{"id":"7","sender":"server",${RECEIPT}}`],
    ['white space', `{"sender": "server","id":"7",${RECEIPT}}`],
    ['an id that is no number', `{"sender":"server","id":"probe",${RECEIPT}}`],
    ['an id that begins as a number', `{"sender":"server","id":"7a",${RECEIPT}}`],
    ['no id', `{"sender":"server",${RECEIPT}}`],
    ['an empty id', `{"sender":"server","id":"",${RECEIPT}}`],
    ['a message that ends in the middle', '{"sender":"server","id":"7'],
    ['a message that ends before its kind', '{"sender":"server","id":"7","rec'],
    ['nothing', ''],
  ])('is not read from %s', (_, text) => {
    expect(numberOf(text, '', `","${RECEIPT}}`)).toBe(-1);
  });
});

describe('an answer', () => {
  it.each([
    [
      'a receipt in any form',
      `{ "id": "7", ${RECEIPT}, "sender": "server" }`,
      { id: '7', refusal: undefined, position: { epoch: 'k', offset: 1 } },
    ],
    ['an error', refusal({}), { id: '7', refusal: 'forbidden: no' }],
    ['an error that says where', refusal({ path: '/notification' }), { id: '7', refusal: 'forbidden at /notification: no' }],
    ['another message', '{"sender":"server","mark":[]}', undefined],
    ['what is no message', '[', undefined],
  ])('is read from %s', (_, text, answer) => {
    expect(readAnswer(text)).toEqual(answer);
  });
});
