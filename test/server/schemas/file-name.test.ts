import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fileNameOf, topicOf } from '../../../src/server/schemas/file-name.js';

const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });

test('the file of a topic is that of no other, and stays in the folder (R-7.7)', () => {
  fc.assert(
    fc.property(name, name, (name, page) => {
      const file = fileNameOf({ package: name, page });
      expect(file).toMatch(/^(?!\.)[\w.%-]+(?<!\.)\/(?!\.)[\w.%-]+\.json$/);
      expect(topicOf(file)).toEqual({ package: name, page });
    }),
  );
});

test.each([
  ['amaiia_msg_srv', 'messages', 'amaiia_msg_srv/messages.json'],
  ['..', '.', '%2E%2E/%2E.json'],
  ['a/b', '..\\c', 'a%2Fb/%2E.%5Cc.json'],
  ['a\0', 'x.json', 'a%00/x.json.json'],
  ['é', '*', '%C3%A9/%2A.json'],
  ['\ud800', 'lone', '%EF%BF%BD/lone.json'],
])('%j and %j are kept in %s', (name, page, file) => {
  expect(fileNameOf({ package: name, page })).toBe(file);
});

test('a letter may be written in either form, and files elsewhere are of no topic (R-7.7)', () => {
  expect(topicOf('p/%4Dessages.json')).toEqual({ package: 'p', page: 'Messages' });
  expect(topicOf('common.json')).toBeUndefined();
  expect(topicOf('p/defs/x.json')).toBeUndefined();
  expect(() => topicOf(`p/${'x'.repeat(257)}.json`)).toThrow('stands for a name of 257 bytes, expected at most 256');
});
