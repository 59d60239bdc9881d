import { describe, expect, it } from 'vitest';
import { type FakeConnection, HABITS, startFakeServer } from './fake-server.js';
import { failureOf, lineOf, outcomeOf, runOn, runSteps } from './running.js';

const ALICE = { clients: 'alice: {}' };
const BOTH = { clients: 'alice: {}, bob: {}' };
const subscribe = (client: string, filters = '') => `send: { client: ${client}, subscriptions: [{ ${filters} }] }`;
const WANTS = [subscribe('alice'), 'ready: alice'];
const isFence = (notification: string) => notification.includes('"wsn-test":"fence-');

/** Hands everything out twice but fences. */
const twice = {
  deliver(connection: FakeConnection, notification: string) {
    HABITS.deliver(connection, notification);
    if (!isFence(notification)) HABITS.deliver(connection, notification);
  },
};

describe('at the end of a scenario', () => {
  it('a message that no step has claimed fails it, at the last step', async () => {
    const failure = failureOf(await runOn({}, [...WANTS, 'notify: { as: news, data: 5 }'], ALICE));
    expect(failure).toMatchObject({
      message: 'alice received a message that no step expects',
      expected: 'nothing more',
      actual: expect.stringContaining('"data":5'),
      place: { line: lineOf(3), column: 5 },
    });
  });

  it('a notification that came twice fails it, by its name', async () => {
    const result = await runOn(twice, [...WANTS, 'notify: { as: news }', 'expect: { client: alice, notification: news }'], ALICE);
    expect(outcomeOf(result)).toBe('alice received a message that no step expects: news came more than once');
  });

  it('a notification that came to the wrong client fails it', async () => {
    const astray = {
      publish(connection: FakeConnection, notification: string, message: Parameters<typeof HABITS.publish>[2]) {
        if (!isFence(notification)) for (const one of connection.server.connections.slice(0, 2)) one.deliver(notification);
        HABITS.publish(connection, isFence(notification) ? notification : '{}', message);
      },
    };
    const steps = [subscribe('alice'), subscribe('bob', 'page: other'), 'ready: [alice, bob]', 'notify: { as: news }'];
    const result = await runOn(astray, [...steps, 'expect: { client: alice, notification: news }'], BOTH);
    expect(outcomeOf(result)).toBe('bob received a message that no step expects');
  });

  it('a connection that the server has closed fails it', async () => {
    const habits = {
      ping(connection: FakeConnection, payload: Buffer) {
        HABITS.ping(connection, payload);
        connection.close(1011, 'a bug');
      },
    };
    for (let run = 0; run < 5; run++) {
      const result = await runOn(habits, ['ready: alice', 'connect: bob', 'expect-close: { client: bob, within: 20ms }'], BOTH);
      expect(outcomeOf(result)).toContain('bob was not closed');
    }
    const ended = { subscribe: (connection: FakeConnection) => connection.close(1011, 'a bug') };
    const result = await runOn(
      ended,
      [subscribe('alice'), 'expect: { client: alice, frame: { opcode: close } }', 'connect: bob', 'ready: bob'],
      BOTH,
    );
    expect(outcomeOf(result)).toBe('alice was closed with 1011 "a bug", which no step expects');
  });

  it('a connection that the client has closed is no matter', async () => {
    const steps = [
      'ready: alice',
      'frame: { client: alice, close: { code: 1000 } }',
      'expect: { client: alice, frame: { opcode: close } }',
    ];
    expect(outcomeOf(await runOn({}, steps, ALICE))).toBe('passed');
  });

  it('a server that does not hand out the fence fails it', async () => {
    const habits = { deliver: (connection: FakeConnection, text: string) => !isFence(text) && HABITS.deliver(connection, text) };
    const steps = [...WANTS, 'notify: { as: news }', 'expect: { client: alice, notification: news }'];
    expect(failureOf(await runOn(habits, steps, { ...ALICE, stepTimeoutMs: 500 }))).toMatchObject({
      message: 'a notification that alice has to receive was published as a fence: it did not come within 500 ms',
      expected: expect.stringContaining('"wsn-test":"fence-'),
    });
  });
});

describe('a fence', () => {
  it('fails at its step for what came before it', async () => {
    const steps = [...WANTS, 'notify: { as: news }', 'fence: alice', 'expect: { client: alice, notification: news }'];
    expect(failureOf(await runOn({}, steps, ALICE))).toMatchObject({
      message: 'alice received a message that no step expects',
      place: { line: lineOf(4) },
    });
  });

  it('adds a subscription for the moment where none can be satisfied, and restores the set', async () => {
    await using server = await startFakeServer();
    const steps = [
      subscribe('alice', 'filters: { a: [] }'),
      'ready: alice',
      'notify: { filters: { a: 1 } }',
      'fence: alice',
      'ready: alice',
    ];
    expect(outcomeOf(await runSteps(server.url, steps, ALICE))).toBe('passed');
    const sets = (server.connections[0]?.messages ?? []).map((text) => JSON.parse(text).subscriptions);
    expect(sets).toEqual([
      [expect.objectContaining({ filters: { a: [] } })],
      [expect.objectContaining({ filters: { a: [] } }), expect.objectContaining({ filters: { 'wsn-fence': expect.any(String) } })],
      [expect.objectContaining({ filters: { a: [] } })],
    ]);
  });

  it('fences a client without subscriptions, also one of wsn.v1', async () => {
    const told = { clients: 'alice: {}, bob: { subprotocols: [wsn.v1] }' };
    const result = await runOn({}, ['ready: [alice, bob]', 'notify: {}', 'fence: [alice, bob]'], told);
    expect(outcomeOf(result)).toBe('passed');
  });

  it('of one client does not disturb another that wants the same', async () => {
    const steps = [subscribe('alice'), subscribe('bob'), 'ready: [alice, bob]', 'notify: { as: news }'];
    const rest = ['expect: { clients: [alice, bob], notification: news }', 'fence: alice', 'notify: { as: more }'];
    const result = await runOn({}, [...steps, ...rest, 'expect: { clients: [alice, bob], notification: more }'], BOTH);
    expect(outcomeOf(result)).toBe('passed');
  });

  it('covers every topic in which the scenario has published', async () => {
    const steps = [subscribe('alice', 'page: b'), 'ready: alice', 'notify: { page: a }', 'notify: { as: news, page: b }'];
    const late = {
      publish(connection: FakeConnection, notification: string, message: Parameters<typeof HABITS.publish>[2]) {
        // What went astray comes just before the fence of its topic, and behind all of other topics.
        const { page } = JSON.parse(notification) as { page: string };
        if (page === 'a' && isFence(notification)) connection.server.connections[0]?.deliver('{"page":"a","stray":true}');
        HABITS.publish(connection, notification, message);
      },
    };
    const all = [...steps, 'expect: { client: alice, notification: news }', 'fence: alice'];
    expect(outcomeOf(await runOn({}, all, ALICE))).toBe('passed');
    expect(failureOf(await runOn(late, all, ALICE)).actual).toContain('"stray":true');
  });

  it('covers the topics of a client for what no notify has sent', async () => {
    const message = `message: { sender: server, notification: { package: "\${package}", page: messages, data: 1 } }`;
    const steps = [...WANTS, `send: { client: bob, ${message} }`, 'expect-close: { client: bob, code: 1000 }'];
    expect(failureOf(await runOn({}, steps, BOTH)).actual).toContain('"data":1');
  });

  it('is not asked for in a topic that no server has to take', async () => {
    for (const name of ['5', '""', '{ $absent: true }', '{}']) {
      const steps = [...WANTS, `notify: { package: ${name}, answer: { code: 4400 } }`, 'fence: alice'];
      expect(outcomeOf(await runOn({}, steps, ALICE))).toBe('passed');
    }
  });

  it('that comes twice is told', async () => {
    const doubled = { deliver: (connection: FakeConnection, text: string) => [1, 2].map(() => HABITS.deliver(connection, text)) };
    expect(outcomeOf(await runOn(doubled, [...WANTS, 'notify: { page: other }', 'fence: alice'], ALICE))).toContain('alice received');
  });
});
