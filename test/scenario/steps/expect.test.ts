import { describe, expect, it } from 'vitest';
import { type FakeConnection, HABITS } from '../run/fake-server.js';
import { casesOf, failureOf, lineOf, outcomeOf, runOn, scenario } from '../run/running.js';

const ALICE = 'alice: {}';
const WANTS = 'send: { client: alice, subscriptions: [{}] }';
const READY = 'ready: alice';
const TWO = ['notify: { as: one, data: 1 }', 'notify: { as: two, data: 2 }'];

/** Says two messages of its own to everybody who subscribes. */
const chatty = {
  subscribe(connection: FakeConnection, message: Parameters<typeof HABITS.subscribe>[1]) {
    HABITS.subscribe(connection, message);
    for (const n of [1, 2]) connection.text(JSON.stringify({ sender: 'server', says: { n } }));
  },
};

/** Keeps the first notification back until the second has gone out. */
function late() {
  let kept: [FakeConnection, string] | undefined;
  return {
    deliver(connection: FakeConnection, notification: string) {
      if (notification.includes('"data":1')) {
        kept = [connection, notification];
        return;
      }
      HABITS.deliver(connection, notification);
      if (kept) HABITS.deliver(...kept);
      kept = undefined;
    },
  };
}

describe('a notification', () => {
  it('is expected by its name, and what was claimed is not looked at again', async () => {
    const result = await runOn(
      {},
      [WANTS, READY, ...TWO, 'expect: { client: alice, notification: two }', 'expect: { client: alice, notification: one }'],
      {
        clients: ALICE,
      },
    );
    expect(outcomeOf(result)).toBe('passed');
  });

  it('that does not come fails at its step, with what was wanted and what came instead', async () => {
    const result = await runOn(
      { deliver: (connection, notification) => notification.includes('"data":2') && HABITS.deliver(connection, notification) },
      [WANTS, READY, ...TWO, 'expect: { client: alice, notification: one, within: 50ms }'],
      { clients: ALICE },
    );
    const failure = failureOf(result);
    expect(failure.message).toBe('alice did not receive one: within 50 ms');
    expect(failure.place).toMatchObject({ line: lineOf(5), column: 13 });
    expect(failure.expected).toContain('"data":1');
    expect(failure.actual).toContain('"data":2');
  });

  it('with count 0 must not come, which a fence proves', async () => {
    const steps = ['send: { client: alice, subscriptions: [{ filters: { a: "1" } }] }', READY, 'notify: { as: news, filters: { a: "2" } }'];
    const absent = [...steps, 'expect: { client: alice, notification: news, count: 0 }'];
    expect(outcomeOf(await runOn({}, absent, { clients: ALICE }))).toBe('passed');
    const wrong = await runOn({ publish: (connection, text) => toAll(connection, text) }, absent, { clients: ALICE });
    expect(failureOf(wrong)).toMatchObject({
      message: 'alice received news, which it must not receive',
      actual: expect.stringContaining('"filters":{"a":"2"}'),
      place: { line: lineOf(4) },
    });
  });

  it('with a count other than what was sent says so', async () => {
    const result = await runOn({}, [WANTS, READY, 'notify: { as: news }', 'expect: { client: alice, notification: news, count: 2 }'], {
      clients: ALICE,
    });
    expect(failureOf(result)).toMatchObject({
      message: '1 notifications have been sent as news, so 2 cannot be expected',
      place: { line: lineOf(4), column: 57, length: 1 },
    });
  });

  it('has to be the value that was sent', async () => {
    const habits = { deliver: (connection: FakeConnection, text: string) => connection.deliver(text.replace('85.5', '"85.5"')) };
    const result = await runOn(
      habits,
      [WANTS, READY, 'notify: { as: news, data: 85.5 }', 'expect: { client: alice, notification: news }'],
      {
        clients: ALICE,
      },
    );
    expect(failureOf(result)).toMatchObject({
      message: 'alice: the notification is not the one that was published',
      expected: expect.stringContaining('"data":85.5,'),
      actual: expect.stringContaining('"data":"85.5",'),
      rule: 'R-2.3',
    });
  });

  it.each([
    ['', 'passed'],
    [', exact: true', 'alice: the notification was not relayed byte for byte'],
  ])('may be written in another way unless it is exact: "%s"', async (exact, outcome) => {
    const habits = { deliver: (connection: FakeConnection, text: string) => connection.deliver(text.replace('85.0', '85')) };
    const notify = `notify: { as: news, text: '{"package":"\${package}","page":"messages","data":85.0}' }`;
    const result = await runOn(habits, [WANTS, READY, notify, `expect: { client: alice, notification: news${exact} }`], { clients: ALICE });
    expect(outcomeOf(result)).toBe(outcome);
  });

  it('is relayed byte for byte by a server that does that', async () => {
    const notify = `notify: { as: news, text: '{ "package":"\${package}", "page":"messages", "data":85.0 }' }`;
    const result = await runOn({}, [WANTS, READY, notify, 'expect: { client: alice, notification: news, exact: true }'], {
      clients: ALICE,
    });
    expect(outcomeOf(result)).toBe('passed');
  });

  it('may be expected with a pattern for the message around it', async () => {
    const steps = (sender: string) => [
      WANTS,
      READY,
      'notify: { as: news }',
      `expect: { client: alice, notification: news, with: { sender: ${sender} } }`,
    ];
    expect(outcomeOf(await runOn({}, steps('server'), { clients: ALICE }))).toBe('passed');
    expect(failureOf(await runOn({}, steps('client'), { clients: ALICE }))).toMatchObject({
      message: 'alice: the message is not as expected at /sender: expected "client", found "server"',
      place: { line: lineOf(4) },
    });
  });
});

describe('many notifications of one name', () => {
  it('have to come in the order in which they were sent', async () => {
    const steps = [
      WANTS,
      READY,
      'notify: { as: both, data: 1 }',
      'notify: { as: both, data: 2 }',
      'expect: { client: alice, notification: both }',
    ];
    expect(outcomeOf(await runOn({}, steps, { clients: ALICE }))).toBe('passed');
    expect(failureOf(await runOn(late(), steps, { clients: ALICE }))).toMatchObject({
      message: 'alice received both in another order than they were sent: number 1 is out of place',
      rule: 'R-2.9',
    });
  });

  it('may come in any order where the step says so', async () => {
    const steps = [WANTS, READY, 'notify: { as: both, data: 1 }', 'notify: { as: both, data: 2 }'];
    const result = await runOn(late(), [...steps, 'expect: { client: alice, notification: both, order: any }'], { clients: ALICE });
    expect(outcomeOf(result)).toBe('passed');
  });

  it('come to all clients in the same order where the step says so', async () => {
    const subscribe = ['send: { client: alice, subscriptions: [{}] }', 'send: { client: bob, subscriptions: [{}] }', 'ready: [alice, bob]'];
    const steps = [
      ...subscribe,
      'notify: { as: all, times: 20, parallel: 4 }',
      'expect: { clients: [alice, bob], notification: all, order: same }',
    ];
    const told = { clients: 'alice: {}, bob: {}' };
    expect(outcomeOf(await runOn({}, steps, told))).toBe('passed');
    const kept: string[] = [];
    const habits = {
      /** The first client gets the first two in turn. */
      deliver(connection: FakeConnection, notification: string) {
        if (connection.number > 1 || kept.length === 2) return HABITS.deliver(connection, notification);
        kept.push(notification);
        if (kept.length === 2) for (const text of kept.toReversed()) HABITS.deliver(connection, text);
      },
    };
    expect(failureOf(await runOn(habits, steps, told))).toMatchObject({
      message: 'bob received the notifications in another order than alice: they differ from number 1 on',
      place: { line: lineOf(5) },
    });
  });

  it('are counted when some are lost', async () => {
    let count = 0;
    const habits = { deliver: (connection: FakeConnection, text: string) => count++ % 2 === 0 && HABITS.deliver(connection, text) };
    const steps = [WANTS, READY, 'notify: { as: all, times: 10 }', 'expect: { client: alice, notification: all, within: 50ms }'];
    expect(outcomeOf(await runOn(habits, steps, { clients: ALICE }))).toBe(
      'alice did not receive 5 of the 10 notifications all: within 50 ms',
    );
  });
});

describe('a message', () => {
  it.each([
    ['{ says: { n: 1 } }', 'passed'],
    ['{ says: { n: 2 } }', 'passed'],
    ['{ says: {} }, count: 2', 'passed'],
    ['{ says: { n: 3 } }, count: 0', 'passed'],
    ['{ says: {} }, count: 3, within: 50ms', 'alice did not receive 3 messages, 2 came: within 50 ms'],
    ['{ says: { n: 2 } }, count: 0', 'alice received what it must not receive'],
    ['{ says: { n: 3 } }, within: 50ms', 'alice did not receive a message: within 50 ms'],
  ])('is expected by a pattern and a count: %s', async (message, outcome) => {
    const steps = [WANTS, `expect: { client: alice, message: ${message} }`];
    // Nobody fences a raw client at the end, so what is left over is no matter.
    expect(outcomeOf(await runOn(chatty, steps, { clients: 'alice: { kind: raw }' }))).toBe(outcome);
  });

  it('is kept in parts, and what was kept counts', async () => {
    const steps = [
      WANTS,
      'expect: { client: alice, message: { says: { $any: true } }, save: { first: /says/n } }',
      `expect: { client: alice, message: { says: { n: "\${first + 1}" } } }`,
    ];
    expect(outcomeOf(await runOn(chatty, steps, { clients: ALICE }))).toBe('passed');
  });

  it('without the part that is to be kept fails at the pointer', async () => {
    const steps = [WANTS, 'expect: { client: alice, message: { says: { n: 1 } }, save: { x: /says/m } }'];
    expect(failureOf(await runOn(chatty, steps, { clients: ALICE }))).toMatchObject({
      message: 'there is nothing at /says/m to save as x',
      place: { line: lineOf(2), column: 70, length: 7 },
      actual: expect.stringContaining('"n":1'),
    });
  });

  it('of a server that closes is missing because of that', async () => {
    const habits = { subscribe: (connection: FakeConnection) => connection.close(1011, 'sorry') };
    const result = await runOn(habits, [WANTS, 'expect: { client: alice, message: {} }'], { clients: ALICE });
    expect(outcomeOf(result)).toBe('alice did not receive a message: the connection was closed with 1011 sorry');
  });
});

describe('a sequence', () => {
  const steps = [
    WANTS,
    READY,
    ...TWO,
    'expect: { client: alice, sequence: [{ notification: one }, { notification: two }], within: 100ms }',
  ];

  it('is there in its order', async () => {
    expect(outcomeOf(await runOn({}, steps, { clients: ALICE }))).toBe('passed');
  });

  it('that came in another order fails at the element that came too early', async () => {
    expect(failureOf(await runOn(late(), steps, { clients: ALICE }))).toMatchObject({
      message: 'alice did not receive element 2 of the sequence after those before it: it came earlier: within 100 ms',
      place: { line: lineOf(5), column: 64 },
    });
  });

  it('may mix messages and notifications, each with parts to keep', async () => {
    const mixed = [
      WANTS,
      READY,
      'notify: { as: one, data: 7 }',
      'expect: { client: alice, sequence: [{ message: { says: { n: 1 } } }, { message: { says: { n: 2 } } }, { notification: one, save: { x: /notification/data } }] }',
      `notify: { as: two, data: "\${x + 1}" }`,
      'expect: { client: alice, notification: two, with: { notification: { data: 8 } } }',
    ];
    expect(outcomeOf(await runOn(chatty, mixed, { clients: ALICE }))).toBe('passed');
  });
});

describe('an expect whose members do not go together', () => {
  it.each([
    ['frame: { opcode: text }, count: 0', '"count"', '"notification" or "message"'],
    ['sequence: [], count: 0', '"count"', '"notification" or "message"'],
    ['message: {}, order: any', '"order"', '"notification"'],
    ['message: {}, with: {}', '"with"', '"notification"'],
    ['message: {}, exact: true', '"exact"', '"notification"'],
    ['sequence: [{ message: {}, exact: true }]', '"exact"', '"notification"'],
    ['sequence: [], save: { x: /y }', '"save"', '"notification", "message" or "frame"'],
  ])('is refused, as half of it would not be looked at: %s', (members, name, others) => {
    expect(() => casesOf(scenario([`expect: { client: alice, ${members} }`], { clients: ALICE }))).toThrow(
      `found ${name}, which means something only with ${others}`,
    );
  });

  it('is refused where what it saves is no JSON pointer', () => {
    const step = 'expect: { client: alice, message: {}, save: { x: says } }';
    expect(() => casesOf(scenario([step], { clients: ALICE }))).toThrow('found the text "says", expected a JSON pointer such as /');
  });
});

describe('a frame', () => {
  const pings = { subscribe: (connection: FakeConnection) => connection.frame({ opcode: 9, payload: 'beat' }) };

  it('is expected by its opcode and its payload', async () => {
    const steps = [WANTS, 'expect: { client: alice, frame: { opcode: ping, payload: { $matches: "^be" }, fin: true } }'];
    expect(outcomeOf(await runOn(pings, steps, { clients: ALICE }))).toBe('passed');
  });

  it('that does not come fails with those that are there', async () => {
    const steps = [WANTS, READY, 'expect: { client: alice, frame: { opcode: ping, payload: beep }, within: 50ms }'];
    expect(failureOf(await runOn(pings, steps, { clients: ALICE }))).toMatchObject({
      message: 'alice did not receive such a frame within 50 ms',
      expected: 'ping "beep"',
      actual: 'ping beat',
    });
  });
});

function toAll(publisher: FakeConnection, notification: string): void {
  for (const connection of publisher.server.connections) if (connection !== publisher) connection.deliver(notification);
  publisher.close(1000);
}
