import { describe, expect, it } from 'vitest';
import { holds, parseExpectation } from '../../../src/commands/subscribe/expectation.js';

const notification = {
  package: 'p',
  page: 'q',
  message: 'a=b',
  data: { messageId: '12345', count: 2, done: true, nothing: null, list: [{ id: 7 }], 'empty ': '', 'a.b/c~1': 'x' },
};

describe('--expect', () => {
  it.each([
    'package=p',
    'message=a=b',
    'data.messageId=12345',
    'data.count=2',
    'data.done=true',
    'data.nothing=null',
    'data.list.0.id=7',
    'data.list=[{"id":7}]',
    'data.empty =',
    '/data/messageId=12345',
    '/data/list/0/id=7',
    '/message=a=b',
    '/data/a.b~1c~01=x',
  ])('%s holds', (text) => {
    expect(holds(parseExpectation(text), notification)).toBe(true);
  });

  it.each([
    'package=q',
    'data.messageId=1234',
    'data.missing=',
    'data.count=02',
    'data.list.length=1',
    'toString=x',
    'package.0=p',
    'data.list.1=null',
    '/data/channelId=2',
    '/data.messageId=12345',
  ])('%s does not hold', (text) => {
    expect(holds(parseExpectation(text), notification)).toBe(false);
  });

  it.each(['', 'message', '=x', 'data.=x', '.data=x', '/=x', '/data/=x', '/data'])('%j is refused with an example', (text) => {
    expect(() => parseExpectation(text)).toThrow('Expected PATH=VALUE, such as data.messageId=12345, /data/messageId=12345 or');
  });
});
