import { describe, expect, it } from 'vitest';
import { startTestBroker } from '../../support/broker.js';
import { type FakeConnection, startFakeServer } from '../run/fake-server.js';
import { failureOf, lineOf, outcomeOf, runOn, runSteps } from '../run/running.js';

const ALICE = { clients: 'alice: {}' };

/** What the steps write behind the handshake, in hex; a FIN of the server ends the client, so nothing is missing. */
async function written(steps: readonly string[], clients = 'alice: { kind: raw }'): Promise<string> {
  const chunks: Buffer[] = [];
  await using server = await startFakeServer({
    opened: ({ socket }) => void socket.prependListener('data', (chunk: Buffer) => chunks.push(chunk)),
    ping: (connection) => void connection.socket.end(),
    closed: () => {},
  });
  const end = ['frame: { client: alice, opcode: ping, mask: 00000000 }', 'expect-close: { client: alice }'];
  expect(outcomeOf(await runSteps(server.url, [...steps, ...end], { clients }))).toBe('passed');
  return Buffer.concat(chunks)
    .toString('hex')
    .replace(/898000000000$/, '');
}

describe('a frame', () => {
  it.each([
    ['opcode: ping, payload: hi, mask: false', '89026869'],
    ['opcode: ping, payload: hi, mask: "01020304"', '898201020304696b'],
    ['opcode: text, payload: "", mask: 00000000, fin: false', '018000000000'],
    ['opcode: 3, hex: "ff 00", mask: false, rsv: 5', 'd302ff00'],
    ['json: { a: { $absent: true }, b: 1 }, mask: false, length: 16', '817e00077b2262223a317d'],
    ['opcode: pong, payload: a, mask: false, length: 64', '8a7f000000000000000161'],
    ['close: { code: 1000, reason: a }, mask: false', '880303e861'],
    ['close: {}, mask: false', '8800'],
    ['frames: [{ opcode: pong, payload: a, mask: false }, { opcode: continuation, payload: b, mask: false }]', '8a0161800162'],
    ['opcode: pong, payload: abc, mask: false, chop: 1', '8a03616263'],
  ])('is sent as it is described: %s', async (members, hex) => {
    expect(await written([`frame: { client: alice, ${members} }`])).toBe(hex);
  });

  it('is masked with a key of its own unless the step says otherwise', async () => {
    expect(await written(['frame: { client: alice, opcode: pong, payload: "" }'])).toMatch(/^8a80[0-9a-f]{8}$/);
  });

  it('comes as several segments where it is chopped', async () => {
    const sizes: number[] = [];
    const habits = { opened: ({ socket }: FakeConnection) => void socket.on('data', ({ length }: Buffer) => sizes.push(length)) };
    const payload = `frame: { client: alice, payload: '{"sender":"client","subscriptions":[]}', chop: 10 }`;
    expect(outcomeOf(await runOn(habits, [payload, 'ready: alice'], ALICE))).toBe('passed');
    expect(sizes.length).toBeGreaterThan(2);
  });

  it('that does not fit the length that it is to have is a mistake of the scenario', async () => {
    const result = await runOn({}, [`frame: { client: alice, payload: "\${repeat:200:a}", length: 7 }`], ALICE);
    expect(failureOf(result)).toMatchObject({
      message: expect.stringContaining('does not fit a length of 7 bits'),
      place: { line: lineOf(1) },
    });
  });

  it('whose hex is none is a mistake of the scenario', async () => {
    expect(outcomeOf(await runOn({}, ['frame: { client: alice, hex: abc }'], ALICE))).toBe('expected pairs of hex digits, found "abc"');
  });

  it('may be part of a message of subscriptions, which the fence then knows', async () => {
    const parts = [`{ fin: false, payload: '{"sender":"client",' }`, `{ opcode: continuation, payload: '"subscriptions":[]}' }`];
    const steps = [
      'send: { client: alice, subscriptions: [{}] }',
      `frame: { client: alice, frames: [${parts.join(', ')}] }`,
      'notify: {}',
      'fence: alice',
    ];
    await using broker = await startTestBroker();
    expect(outcomeOf(await runSteps(broker.url, steps, ALICE))).toBe('passed');
  });
});

describe('a text message', () => {
  it('is sent as JSON, as text, or as a set of subscriptions in the topic of the scenario', async () => {
    await using server = await startFakeServer();
    const steps = [
      'send: { client: alice, message: { sender: client, subscriptions: [], a: { $absent: true } } }',
      `send: { client: alice, text: '{"sender":"client", "subscriptions":[]}' }`,
      'send: { client: alice, subscriptions: [{ page: a, filters: { b: 1 } }, { package: { $absent: true } }], id: one, resume: [{ epoch: e, offset: 1 }] }',
      'ready: alice',
    ];
    const result = await runSteps(server.url, steps, { clients: 'alice: { kind: raw }' });
    const [first, second, third] = server.connections[0]?.messages ?? [];
    expect(first).toBe('{"sender":"client","subscriptions":[]}');
    expect(second).toBe('{"sender":"client", "subscriptions":[]}');
    expect(third).toMatch(
      /^\{"sender":"client","id":"one","subscriptions":\[\{"package":"(wt-\w{9})","page":"a","filters":\{"b":1\}\},\{"page":"messages"\}\],"resume":\[\{"package":"\1","page":"messages","epoch":"e","offset":1\}\]\}$/,
    );
    expect(result.wire.alice?.map(({ direction, what }) => `${direction} ${what}`)).toContain('received close 4400');
  });
});

describe('ready', () => {
  it('waits for the pong with the payload of its ping', async () => {
    const habits = { ping: (connection: FakeConnection) => connection.frame({ opcode: 10, payload: 'another' }) };
    expect(failureOf(await runOn(habits, ['ready: alice'], { ...ALICE, stepTimeoutMs: 200 }))).toMatchObject({
      message: 'alice waits for the pong of its ping: none came within 200 ms',
      rule: 'R-2.8',
    });
  });

  it('fails at once when the connection ends', async () => {
    const habits = { ping: (connection: FakeConnection) => connection.close(1011, 'no') };
    expect(outcomeOf(await runOn(habits, ['ready: alice'], ALICE))).toBe(
      'alice waits for the pong of its ping: the connection was closed with 1011 no',
    );
  });
});

describe('a variable that no step has saved', () => {
  it('fails the step that wants it', async () => {
    const steps = ['expect: { client: alice, message: {}, count: 0, save: { x: /y } }', `send: { client: alice, text: "\${x}" }`];
    expect(failureOf(await runOn({}, steps, ALICE))).toMatchObject({
      message: 'there is no variable "x" yet: no step has saved it',
      place: { line: lineOf(2) },
    });
  });
});
