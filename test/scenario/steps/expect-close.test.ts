import { describe, expect, it } from 'vitest';
import { closePayload, OPCODE } from '../../../src/peer/index.js';
import type { FakeConnection } from '../run/fake-server.js';
import { failureOf, lineOf, outcomeOf, runOn } from '../run/running.js';

const ALICE = { clients: 'alice: {}' };
const close = (members: string) => ['connect: alice', `expect-close: { client: alice${members === '' ? '' : `, ${members}`} }`];
const closing = (...[code, reason]: Parameters<FakeConnection['close']>) => ({
  opened: (connection: FakeConnection) => connection.close(code, reason),
});
const fin = { opened: (connection: FakeConnection) => void connection.socket.end() };
const reset = { opened: (connection: FakeConnection) => void setImmediate(() => connection.socket.resetAndDestroy()) };

describe('the end of a connection', () => {
  it.each([
    ['any code', closing(1000), ''],
    ['its code', closing(4400, 'bad'), 'code: 4400'],
    ['one of several codes', closing(1001), 'code: [1000, 1001]'],
    ['a close frame without a code', closing(), 'code: 1005, how: close-frame'],
    ['the end without a close frame', fin, 'code: 1006, how: fin'],
    ['a pattern for the reason', closing(4400, '/sender: bad'), 'reason: { $matches: "^/sender: " }'],
  ])('is expected by %s', async (_, habits, members) => {
    expect(outcomeOf(await runOn(habits, close(members), ALICE))).toBe('passed');
  });

  it('is expected as a reset', async () => {
    expect(outcomeOf(await runOn(reset, ['bytes: { client: alice, text: x }', ...close('how: reset').slice(1)], ALICE))).toBe('passed');
  });

  it.each([
    ['code: 1000', 'alice was closed with 4400 "bad", expected 1000', 'code'],
    ['code: [1000, 1001]', 'alice was closed with 4400 "bad", expected 1000 or 1001', 'code'],
    ['reason: good', 'alice: the reason is "bad", expected "good"', 'reason'],
    ['how: fin', 'alice was ended by close-frame, expected fin', 'how'],
  ])('that is another one than %s fails at that member', async (members, message, name) => {
    const steps = close(members);
    expect(failureOf(await runOn(closing(4400, 'bad'), steps, ALICE))).toMatchObject({
      message,
      place: { line: lineOf(2), column: 5 + (steps[1] ?? '').indexOf(`${name}: `) + `${name}: `.length },
    });
  });

  it('that does not come fails with what came', async () => {
    const habits = { opened: (connection: FakeConnection) => connection.text('{"sender":"server","says":1}') };
    expect(failureOf(await runOn(habits, ['ready: alice', ...close('within: 50ms').slice(1)], ALICE))).toMatchObject({
      message: 'alice was not closed within 50 ms',
      actual: '{"sender":"server","says":1}',
    });
  });

  it('is expected of several clients, in any order and so far apart as the step says', async () => {
    const both = { clients: 'alice: {}, bob: {}' };
    const habits = {
      opened: (connection: FakeConnection) => connection.number === 2 && connection.close(1001),
      subscribe: (connection: FakeConnection) => connection.close(1001),
    };
    const ends = (spread: string) => [
      ...['connect: alice', 'connect: bob', 'expect-close: { client: bob }', 'sleep: { for: 20ms, because: bob was first }'],
      ...['send: { client: alice, subscriptions: [] }', `expect-close: { clients: [alice, bob], code: 1001${spread} }`],
    ];
    expect(outcomeOf(await runOn(habits, ends(''), both))).toBe('passed');
    expect(outcomeOf(await runOn(habits, ends(', spread: 10ms'), both))).toBe('passed');
    expect(failureOf(await runOn(habits, ends(', spread: 1h'), both)).message).toMatch(
      /^2 connections ended within \d+ ms, expected at least 3600000 ms between the first and the last$/,
    );
  });

  it('of several clients fails for the one that ends in another way', async () => {
    const habits = { opened: (connection: FakeConnection) => connection.close(connection.number === 1 ? 1001 : 1000) };
    const steps = ['connect: alice', 'connect: bob', 'expect-close: { clients: [alice, bob], code: 1001 }'];
    expect(failureOf(await runOn(habits, steps, { clients: 'alice: {}, bob: {}' })).message).toBe(
      'bob was closed with 1000, expected 1001',
    );
  });

  it('has to be the end of the TCP connection, too', async () => {
    const habits = { ...closing(1000), closed: () => {} };
    const result = await runOn(habits, [...close('within: 200ms')], ALICE);
    expect(failureOf(result)).toMatchObject({
      message: expect.stringContaining(
        'alice got and answered a close frame with 1000, and 200 ms later the server had not ended the TCP connection',
      ),
      rule: 'R-4.1',
    });
  });

  it('must not be followed by another frame', async () => {
    const habits = {
      opened(connection: FakeConnection) {
        connection.close(1000);
        connection.text('{"sender":"server"}');
      },
    };
    expect(failureOf(await runOn(habits, close(''), ALICE)).message).toContain('a frame came after the close frame');
  });

  it('must not have a code that may not be sent', async () => {
    const habits = { opened: (connection: FakeConnection) => connection.frame({ opcode: OPCODE.close, payload: closePayload(1006) }) };
    expect(failureOf(await runOn(habits, close('code: 1006'), ALICE)).message).toContain('a close frame has the code 1006');
  });

  it('is answered by a normal client with the same code', async () => {
    const answers: number[] = [];
    const habits = {
      ...closing(4400, 'bad'),
      closed(connection: FakeConnection, payload: Buffer) {
        answers.push(payload.readUInt16BE(0));
        connection.socket.end();
      },
    };
    expect(outcomeOf(await runOn(habits, close('code: 4400'), ALICE))).toBe('passed');
    expect(answers).toEqual([4400]);
  });
});
