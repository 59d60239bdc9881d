import { describe, expect, it } from 'vitest';
import { startTestBroker } from '../../support/broker.js';
import { type FakeConnection, startFakeServer } from '../run/fake-server.js';
import { failureOf, outcomeOf, runOn, runSteps } from '../run/running.js';

const ALICE = { clients: 'alice: {}' };
const WANTS = ['send: { client: alice, subscriptions: [{}] }', 'ready: alice'];
const NEWS = 'expect: { client: alice, notification: news }';

describe('a fault of a line', () => {
  it('reset ends the connection of the client and of the server with a RST', async () => {
    const ends: boolean[] = [];
    const habits = { opened: ({ socket }: FakeConnection) => void socket.once('close', () => ends.push(socket.readableEnded)) };
    const result = await runOn(
      habits,
      [...WANTS, 'fault: { client: alice, reset: true }', 'expect-close: { client: alice, code: 1006, how: reset }'],
      ALICE,
    );
    expect(outcomeOf(result)).toBe('passed');
    expect(ends).toEqual([false]);
    expect(result.wire.alice?.map(({ what }) => what)).toContain('fault: {"reset":true}');
  });

  it('half-open lets nothing pass and ends nothing', async () => {
    const steps = [
      ...WANTS,
      'fault: { client: alice, halfOpen: true }',
      'notify: { as: news }',
      'expect: { client: alice, notification: news, within: 50ms }',
    ];
    expect(outcomeOf(await runOn({}, steps, ALICE))).toBe('alice did not receive news: within 50 ms');
  });

  it('delay keeps what passes back, until it is mended', async () => {
    const late = [
      'fault: { client: alice, delayMs: 60000 }',
      'notify: { as: news }',
      'expect: { client: alice, notification: news, within: 50ms }',
    ];
    expect(outcomeOf(await runOn({}, [...WANTS, ...late], ALICE))).toBe('alice did not receive news: within 50 ms');
    const mended = [...late.slice(0, 2), 'fault: { client: alice, delayMs: 0 }', NEWS];
    expect(outcomeOf(await runOn({}, [...WANTS, ...mended], ALICE))).toBe('passed');
  });

  it('bytes a second lets a long message wait, until it is mended', async () => {
    const slow = ['fault: { client: alice, bytesPerSecond: 1000 }', 'notify: { as: news, size: 100000 }'];
    const result = await runOn({}, [...WANTS, ...slow, 'expect: { client: alice, notification: news, within: 50ms }'], ALICE);
    expect(outcomeOf(result)).toBe('alice did not receive news: within 50 ms');
    expect(outcomeOf(await runOn({}, [...WANTS, ...slow, 'fault: { client: alice, bytesPerSecond: 0 }', NEWS], ALICE))).toBe('passed');
  });

  it('cut breaks the line after so many bytes of the client', async () => {
    await using server = await startFakeServer();
    const steps = [
      ...WANTS,
      'fault: { client: alice, cutAfterBytes: 10 }',
      'frame: { client: alice, opcode: ping, payload: "0123456789" }',
    ];
    const result = await runSteps(server.url, [...steps, 'expect-close: { client: alice, code: 1006 }'], ALICE);
    expect(outcomeOf(result)).toBe('passed');
    expect(server.connections[0]?.messages).toHaveLength(1);
  });

  it('cut breaks the line after so many bytes of the server, within a delivery', async () => {
    const steps = [
      ...WANTS,
      'fault: { client: alice, cutAfterBytes: 10, from: server }',
      'notify: { as: news }',
      'expect-close: { client: alice, code: 1006 }',
    ];
    const result = await runOn({}, steps, ALICE);
    expect(outcomeOf(result)).toBe('passed');
    expect(result.wire.alice?.some(({ payload }) => payload.includes('"notification"'))).toBe(false);
  });

  it('lets a client come back by the same way', async () => {
    await using broker = await startTestBroker();
    const steps = [...WANTS, 'fault: { client: alice, reset: true }', 'expect-close: { client: alice, how: reset }', 'connect: alice'];
    const result = await runSteps(broker.url, [...steps, ...WANTS, 'notify: { as: news }', NEWS], ALICE);
    expect(outcomeOf(result)).toBe('passed');
  });

  it('that ends the connection has to be expected', async () => {
    const result = await runOn({}, [...WANTS, 'fault: { client: alice, reset: true }', 'ready: alice'], ALICE);
    expect(failureOf(result).message).toContain('the connection was closed with 1006');
  });
});

describe('a fault of the server', () => {
  it.each(['fault: { restart: TERM }', 'stop: TERM'])('needs a server of its own: %s', async (step) => {
    expect(outcomeOf(await runOn({}, [step]))).toContain('needs "server: own" in this scenario');
  });
});
