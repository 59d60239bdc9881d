import { describe, expect, it } from 'vitest';
import { startTestBroker } from '../../support/broker.js';
import { type FakeConnection, HABITS, startFakeServer } from '../run/fake-server.js';
import { failureOf, lineOf, outcomeOf, runOn, runSteps } from '../run/running.js';

const ALICE = { clients: 'alice: {}' };
const WANTS = ['send: { client: alice, subscriptions: [{}] }', 'ready: alice'];
const NEWS = 'expect: { client: alice, notification: news }';

/** Publishes what comes, and ends the connection in this way. */
const ending = (end: (connection: FakeConnection) => void) => ({
  publish(connection: FakeConnection, notification: string) {
    connection.server.publish(notification);
    end(connection);
  },
});

describe('an ephemeral publisher', () => {
  it.each<[string, (connection: FakeConnection) => void]>([
    ['with 1000', (connection) => connection.close(1000)],
    ['without a code', (connection) => connection.close()],
    ['without a close frame', (connection) => void connection.socket.end()],
  ])('has succeeded when it is closed %s', async (_, end) => {
    expect(outcomeOf(await runOn(ending(end), [...WANTS, 'notify: { as: news }', NEWS], ALICE))).toBe('passed');
  });

  it('that is closed with another code has not', async () => {
    const habits = ending((connection) => connection.close(4400, 'bad'));
    expect(failureOf(await runOn(habits, ['notify: { as: news }']))).toMatchObject({
      message: 'a publisher was closed with 4400 "bad", expected 1000',
      place: { line: lineOf(1) },
    });
  });

  it('may have to be refused', async () => {
    const habits = ending((connection) => connection.close(4400, '/notification: bad'));
    const step = 'notify: { answer: { code: 4400, reason: { $matches: "^/" } }, save: { why: /reason } }';
    expect(outcomeOf(await runOn(habits, [step]))).toBe('passed');
    expect(failureOf(await runOn({}, [step])).message).toBe('the answer is not as expected at /code: expected 4400, found 1000');
  });

  it('that is not closed fails', async () => {
    const result = await runOn(
      ending(() => {}),
      ['notify: {}'],
      { stepTimeoutMs: 300 },
    );
    expect(failureOf(result)).toMatchObject({
      message: expect.stringContaining('a publisher was not closed within 300 ms'),
      rule: 'R-2.10',
    });
  });

  it('is shown under the name of the harness', async () => {
    const { wire } = await runOn({}, ['notify: { data: 17 }']);
    expect(wire.harness?.map(({ direction, what }) => `${direction} ${what}`)).toEqual([
      'sent HTTP',
      'received HTTP 101',
      'sent text',
      'received close 1000',
      'sent close 1000',
    ]);
    expect(wire.harness?.[2]?.payload).toContain('"data":17');
  });
});

describe('a notification', () => {
  it('has the topic of the scenario, what the step says, and a token of its own as its last member', async () => {
    await using server = await startFakeServer();
    const steps = [
      'notify: { filters: { a: 1 }, data: 2, message: three, with: { four: 4, data: { $absent: true } } }',
      'notify: { package: p, page: q }',
    ];
    expect(outcomeOf(await runSteps(server.url, steps))).toBe('passed');
    const [first, second] = server.connections.map(({ messages: [text = ''] }) => text);
    expect(first).toMatch(
      /^\{"sender":"server","notification":\{"package":"wt-[0-9a-f]{9}","page":"messages","filters":\{"a":1\},"message":"three","four":4,"wsn-test":"[\w-]+"\}\}$/,
    );
    expect(second).toMatch(/^\{"sender":"server","notification":\{"package":"p","page":"q","wsn-test":"[\w-]+"\}\}$/);
  });

  it('is filled up to a size of the whole message', async () => {
    await using server = await startFakeServer();
    expect(outcomeOf(await runSteps(server.url, ['notify: { size: 1000, data: "é" }']))).toBe('passed');
    expect(Buffer.byteLength(server.connections[0]?.messages[0] ?? '')).toBe(1000);
  });

  it('that is longer than its size is a mistake of the scenario, told at its place', async () => {
    expect(failureOf(await runOn({}, ['notify: { size: 10 }']))).toMatchObject({
      message: expect.stringContaining('without a fill: take a larger size'),
      place: { line: lineOf(1), column: 21, length: 2 },
    });
  });

  it('whose text is no JSON is a mistake of the scenario, told at its place', async () => {
    expect(failureOf(await runOn({}, [`notify: { text: '{"a":}' }`]))).toMatchObject({
      message: expect.stringContaining('the text is no JSON object'),
      place: { line: lineOf(1), column: 21 },
    });
  });

  it('is sent so many times, so many at a time', async () => {
    let open = 0;
    let most = 0;
    const habits = {
      opened: () => {
        most = Math.max(most, ++open);
      },
      publish: (...args: Parameters<typeof HABITS.publish>) => {
        open--;
        HABITS.publish(...args);
      },
    };
    const all = 'expect: { client: alice, notification: news, order: any }';
    const steps = [...WANTS, 'notify: { as: news, times: 30, parallel: 3 }', all];
    expect(outcomeOf(await runOn(habits, steps, ALICE))).toBe('passed');
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
  });

  it('that is refused ends the others of its step', async () => {
    await using server = await startFakeServer({
      publish: (connection) => connection.close(connection.number > 5 ? 4400 : 1000),
    });
    const result = await runSteps(server.url, ['notify: { times: 1000, parallel: 2 }']);
    expect(outcomeOf(result)).toBe('a publisher was closed with 4400, expected 1000');
    expect(server.connections.length).toBeLessThan(10);
  });
});

describe('a notification that a client sends', () => {
  it('is one message of a client of the base protocol, whose close has to be expected', async () => {
    const steps = ['notify: { via: bob, as: news }', 'expect-close: { client: bob, code: 1000 }'];
    const told = { clients: 'alice: {}, bob: {}' };
    expect(outcomeOf(await runOn({}, [...WANTS, ...steps, NEWS], told))).toBe('passed');
    const unexpected = await runOn(
      {},
      [...WANTS, 'notify: { via: bob, as: news }', NEWS, 'expect: { client: bob, frame: { opcode: close } }'],
      told,
    );
    expect(outcomeOf(unexpected)).toBe('bob was closed with 1000, which no step expects');
  });

  it('has a receipt with wsn.v1', async () => {
    await using broker = await startTestBroker();
    const told = { clients: 'alice: { subprotocols: [wsn.v1] }' };
    const steps = [
      ...WANTS,
      'notify: { via: alice, as: news, save: { at: /receipt/position/offset } }',
      NEWS,
      `notify: { via: alice, as: more, id: mine, answer: { id: mine, receipt: { position: { offset: "\${at + 1}" }, matched: 1, duplicate: false } } }`,
      'expect: { client: alice, notification: more, with: { position: { offset: 2 } } }',
      'notify: { via: alice, package: "", answer: { error: { code: invalid-notification } } }',
    ];
    expect(outcomeOf(await runSteps(broker.url, steps, told))).toBe('passed');
  });

  it('has a receipt each when many of one id are under way', async () => {
    await using broker = await startTestBroker();
    const told = { clients: 'alice: { subprotocols: [wsn.v1] }' };
    const steps = ['notify: { via: alice, id: same, times: 20, parallel: 5 }', 'fence: alice'];
    expect(outcomeOf(await runSteps(broker.url, steps, told))).toBe('passed');
  });

  it('fails with wsn.v1 when no receipt comes', async () => {
    const habits = { publish: (connection: FakeConnection, notification: string) => connection.server.publish(notification) };
    const result = await runOn(habits, ['notify: { via: alice }'], { clients: 'alice: { subprotocols: [wsn.v1] }', stepTimeoutMs: 300 });
    expect(failureOf(result)).toMatchObject({
      message: 'alice published with the id "notify-1", and no answer with it came within 300 ms',
      actual: expect.stringContaining('"hello"'),
      rule: 'R-5.7',
    });
  });

  it('is posted by a client of HTTP', async () => {
    await using broker = await startTestBroker();
    const told = { clients: 'alice: {}, api: { kind: http }' };
    const steps = [
      ...WANTS,
      'notify: { via: api, as: news, data: 1 }',
      NEWS,
      'notify: { via: api, package: "", answer: { status: 400, body: { status: 400 }, reused: true } }',
    ];
    expect(outcomeOf(await runSteps(broker.url, steps, told))).toBe('passed');
  });

  it('fails with HTTP when the status is another one', async () => {
    const habits = { http: () => ({ status: 500, body: '"broken"' }) };
    expect(failureOf(await runOn(habits, ['notify: { via: api }'], { clients: 'api: { kind: http }' }))).toMatchObject({
      message: 'the answer is not as expected at /status: expected 200, found 500',
      actual: expect.stringContaining('"broken"'),
    });
  });

  it('may have a key, with wsn.v1 and with HTTP', async () => {
    const keys: unknown[] = [];
    await using server = await startFakeServer({
      http({ headers }) {
        keys.push(headers['idempotency-key']);
        return { status: 200, body: '{}' };
      },
    });
    const steps = ['notify: { via: alice, key: one }', 'notify: { via: api, key: two }'];
    expect(outcomeOf(await runSteps(server.url, steps, { clients: 'alice: { subprotocols: [wsn.v1] }, api: { kind: http }' }))).toBe(
      'passed',
    );
    expect(JSON.parse(server.connections[0]?.messages[0] ?? '')).toMatchObject({ id: 'notify-1', key: 'one' });
    expect(keys).toEqual(['two']);
  });
});
