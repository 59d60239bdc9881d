import { describe, expect, test } from 'vitest';
import { decodePeerMessage, type PeerMessage } from '../../src/protocol/index.js';
import { nested, received, refusal } from './arbitraries.js';

const NOTHING = 'expected a non-empty string, found nothing';

function decode(text: string): PeerMessage {
  return decodePeerMessage(received(text), 'v1');
}

/** Code, pointer and sentence of the error for `text`. */
function refused(text: string): readonly [string, string, string] {
  const error = refusal(() => decode(text));
  return [error.code, error.path, error.message];
}

describe('a message of wsn.v1', () => {
  test.each([
    ['1', '1'],
    ['64 bytes', 'é'.repeat(32)],
  ])('may have an id of %s, which is kept for the answer (R-5.2)', (_length, id) => {
    expect(decode(JSON.stringify({ sender: 'client', id, subscriptions: [] }))).toEqual({ kind: 'subscribe', id, subscriptions: [] });
    expect(decode(JSON.stringify({ sender: 'client', id, token: 't' }))).toEqual({ kind: 'authenticate', id, token: 't' });
    expect(decode(JSON.stringify({ sender: 'server', id, notification: { package: 'a', page: 'b' } }))).toMatchObject({
      kind: 'publish',
      id,
    });
  });

  test.each([
    ['7', 'expected a non-empty string, found a number'],
    ['null', 'expected a non-empty string, found null'],
    ['""', 'expected a non-empty string, found an empty string'],
    [`"${'a'.repeat(65)}"`, 'expected at most 64 bytes, found 65'],
  ])('may not have the id %s, and the answer has none (R-5.2)', (id, sentence) => {
    const text = `{"sender":"client","id":${id},"subscriptions":[]}`;
    expect(refused(text)).toEqual(['invalid-message', '/id', sentence]);
    expect(refusal(() => decode(text)).id).toBeUndefined();
  });

  test.each([
    '{"id":"7"}',
    '{"id":"7","sender":"client"}',
    '{"id":"7","sender":"client","subscriptions":[{}]}',
    '{"sender":"server","notification":{"package":"a"},"id":"7"}',
    '{"id":"7","sender":"client","sender":"client","subscriptions":[]}',
    '{"id":"7","sender":"client","subscriptions":[],"token":"t"}',
  ])('that is refused, such as %s, has its id in the error (R-5.2)', (text) => {
    expect(refusal(() => decode(text)).id).toBe('7');
    expect(refusal(() => decode(text)).path).not.toBe('');
  });

  test('that is not JSON has no id in the error, one that is too deep has its own (R-5.9)', () => {
    expect(refusal(() => decode('{"id":"7",')).id).toBeUndefined();
    expect(refusal(() => decode(`{"id":"7","x":${nested(64, 'arrays')}}`)).id).toBe('7');
    expect(refusal(() => decode(`{"id":7,"x":${nested(64, 'arrays')}}`)).id).toBeUndefined();
  });

  test.each([
    ['"sender":"client","subscriptions":[],"notification":{"package":"a","page":"b"}', '/notification', 2],
    ['"sender":"server","subscriptions":[],"notification":{"package":"a","page":"b"}', '/notification', 2],
    ['"sender":"client","token":"t","subscriptions":[]', '/token', 2],
    ['"sender":"server","token":"t","notification":null', '/token', 2],
    ['"sender":"client","token":"t","notification":null,"subscriptions":[]', '/notification', 3],
  ])('has one payload: {%s} is refused (R-5.2)', (members, path, count) => {
    const sentence = `expected one of subscriptions, notification, token; found ${count}`;
    expect(refused(`{${members}}`)).toEqual(['invalid-message', path, sentence]);
  });

  test('ignores members that mean nothing in it (R-5.2)', () => {
    expect(decode('{"sender":"server","resume":7,"notification":{"package":"a","page":"b"}}').kind).toBe('publish');
    expect(decode('{"sender":"client","key":7,"subscriptions":[]}')).toEqual({ kind: 'subscribe', subscriptions: [] });
    expect(decode('{"sender":"client","key":7,"resume":7,"token":"t"}')).toEqual({ kind: 'authenticate', token: 't' });
  });

  test.each([
    ['""', 'found an empty string'],
    ['null', 'found null'],
    ['{}', 'found an object'],
  ])('may not have the token %s (R-5.10)', (token, found) => {
    const sentence = `expected a token (a non-empty string), ${found}`;
    expect(refused(`{"sender":"client","token":${token}}`)).toEqual(['invalid-message', '/token', sentence]);
  });
});

describe('an idempotency key', () => {
  const keyed = (key: string) => `{"sender":"server","key":${key},"notification":{"package":"a","page":"b"}}`;

  test('has 1 to 128 bytes (R-5.8)', () => {
    for (const key of ['k', 'é'.repeat(64)]) expect(decode(keyed(JSON.stringify(key)))).toMatchObject({ kind: 'publish', key });
    expect(Object.keys(decode('{"sender":"server","notification":{"package":"a","page":"b"}}'))).not.toContain('key');
  });

  test.each([
    ['""', 'expected a non-empty string, found an empty string'],
    ['null', 'expected a non-empty string, found null'],
    ['17', 'expected a non-empty string, found a number'],
    [`"${'a'.repeat(129)}"`, 'expected at most 128 bytes, found 129'],
  ])('may not be %s (R-5.8)', (key, sentence) => {
    expect(refused(keyed(key))).toEqual(['invalid-key', '/key', sentence]);
  });
});

describe('a resume', () => {
  const resuming = (resume: string) =>
    `{"sender":"client","subscriptions":[{"package":"p","page":"q"},{"package":"p","page":"r"}],"resume":${resume}}`;
  const at = (members: string) => `[{"package":"p","page":"q",${members}}]`;

  test('is read as positions of topics that are subscribed to (R-5.4)', () => {
    const both =
      '[{"package":"p","page":"r","epoch":"k3","offset":0,"x":1},{"package":"p","page":"q","epoch":"k4","offset":9007199254740991}]';
    expect(decode(resuming(both))).toMatchObject({
      resume: [
        { package: 'p', page: 'r', epoch: 'k3', offset: 0 },
        { package: 'p', page: 'q', epoch: 'k4', offset: 9007199254740991 },
      ],
    });
    expect(decode(resuming('[]'))).toMatchObject({ resume: [] });
  });

  test.each([
    ['null', '/resume', 'expected an array of positions, found null'],
    ['{}', '/resume', 'expected an array of positions, found an object'],
    ['[7]', '/resume/0', 'expected a position (an object), found a number'],
    ['[{"page":"q","epoch":"k","offset":1}]', '/resume/0/package', NOTHING],
    ['[{"package":"p","page":"z","epoch":"k","offset":1}]', '/resume/0', 'this topic is not in the subscriptions'],
    [
      '[{"package":"p","page":"q","epoch":"k","offset":1},{"package":"p","page":"q","epoch":"k","offset":1}]',
      '/resume/1',
      'this topic is resumed twice',
    ],
    [at('"offset":1'), '/resume/0/epoch', NOTHING],
    [at(`"offset":1,"epoch":"${'k'.repeat(65)}"`), '/resume/0/epoch', 'expected at most 64 bytes, found 65'],
    [at('"epoch":"k"'), '/resume/0/offset', 'expected an integer from 0, found nothing'],
    [at('"epoch":"k","offset":-1'), '/resume/0/offset', 'expected an integer from 0, found a number'],
    [at('"epoch":"k","offset":1.5'), '/resume/0/offset', 'expected an integer from 0, found a number'],
    [at('"epoch":"k","offset":9007199254740992'), '/resume/0/offset', 'expected an integer from 0, found a number'],
    [at('"epoch":"k","offset":"1"'), '/resume/0/offset', 'expected an integer from 0, found a string'],
  ])('of %s is refused (R-5.4)', (resume, path, sentence) => {
    expect(refused(resuming(resume))).toEqual(['invalid-resume', path, sentence]);
  });
});
