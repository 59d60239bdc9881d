import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/protocol/index.js';
import { isSameValue, Ledger } from '../../../src/scenario/run/ledger.js';

describe('the ledger of notifications', () => {
  it('marks a notification at its end and leaves every other byte as it is', () => {
    const text = '{ "package":"p", "n": 85.0, "data": {"x":12345678901234567890} }';
    const { token, text: marked } = new Ledger().add(text);
    expect(marked).toBe(`{ "package":"p", "n": 85.0, "data": {"x":12345678901234567890} ,"wsn-test":"${token}"}`);
  });

  it('marks an empty object, too', () => {
    const { token, text } = new Ledger().add('{ }');
    expect(text).toBe(`{ "wsn-test":"${token}"}`);
  });

  it('fills a notification up to a size in bytes', () => {
    const { text } = new Ledger().add('{"message":"é"}', { size: 1000 });
    expect(Buffer.byteLength(text)).toBe(1000);
  });

  it('refuses a size that the notification has already', () => {
    expect(() => new Ledger().add('{"message":"long enough"}', { size: 10 })).toThrow('more than 10 bytes without a fill');
  });

  it('finds what was sent by its token, and all of a name in the order of sending', () => {
    const ledger = new Ledger();
    const sent = [ledger.add('{}', { name: 'a' }), ledger.add('{}', { name: 'b' }), ledger.add('{}', { name: 'a' })];
    expect(ledger.find(sent[1]?.token)).toBe(sent[1]);
    expect(ledger.named('a')).toEqual([sent[0], sent[2]]);
  });

  it('does not keep a fence', () => {
    const ledger = new Ledger();
    const { token } = ledger.fence('{}');
    expect(token).toMatch(/^fence-/);
    expect(ledger.all).toEqual([]);
  });
});

describe('what is delivered is what was sent', () => {
  it.each<[Json, Json]>([
    [{ a: {} }, { a: [] }],
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    [
      [1, { a: null }],
      [1, { a: null }],
    ],
  ])('when %j comes as %j', (sent, delivered) => {
    expect(isSameValue(sent, delivered)).toBe(true);
  });

  it.each<[Json, Json]>([
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ a: 1 }, {}],
    [{ a: 1 }, { a: '1' }],
    [
      [1, 2],
      [2, 1],
    ],
    [[1], { 0: 1 }],
    [null, {}],
    [{ a: false }, { a: null }],
  ])('but not when %j comes as %j', (sent, delivered) => {
    expect(isSameValue(sent, delivered)).toBe(false);
  });
});
