import { expect, it } from 'vitest';
import { compareServers } from '../../../src/scenario/run/compare.js';
import { startTestBroker } from '../../support/broker.js';
import { type FakeConnection, HABITS, type Habits, hello, startFakeServer } from './fake-server.js';
import { casesOf, scenario } from './running.js';

const STEPS = [
  'send: { client: alice, subscriptions: [{}] }',
  'ready: alice',
  'notify: { as: news, data: 1 }',
  'expect: { client: alice, notification: news }',
];
const BASE = { clients: 'alice: {}' };
const V1 = { clients: 'alice: { subprotocols: [wsn.v1] }' };

async function compare(urls: readonly [string, string], cases: ReturnType<typeof casesOf>) {
  const run: string[] = [];
  const options = { cases, jobs: 1, shuffle: false, seed: 1, stepTimeoutMs: 5000, headers: {}, server: { url: urls[0] } };
  const differences = await compareServers(options, { url: urls[1] }, (result) => run.push(result.case.id));
  expect(run).toEqual([...cases, ...cases].map(({ id }) => id));
  return differences.map(({ case: { id }, outcomes, frames }) => ({ id, outcomes: outcomes.map(({ kind }) => kind), frames }));
}

/** The differences of one case between the small server and one of other habits. */
async function compareHabits(habits: Partial<Habits>, text: string) {
  await using one = await startFakeServer();
  await using other = await startFakeServer(habits);
  return await compare([one.url, other.url], casesOf(text));
}

it('a server does nothing else than itself', async () => {
  await using one = await startTestBroker();
  await using other = await startTestBroker();
  const steps = [...STEPS, 'notify: { via: alice, as: more }', 'expect: { client: alice, notification: more }'];
  expect(await compare([one.url, other.url], casesOf(scenario(steps, V1), scenario(STEPS, { ...BASE, id: 'a/base' })))).toEqual([]);
});

it('what each server chooses is no difference: tokens, epochs, and names of connections', async () => {
  const habits: Partial<Habits> = {
    opened: (connection) => connection.text(hello(`quite-another-${connection.number}`)),
    publish(connection, notification, { id }) {
      connection.server.publish(notification);
      if (connection.dialect === 'base') connection.close(1000);
      else connection.text(JSON.stringify({ sender: 'server', id, receipt: { position: { epoch: 'other', offset: 1 }, matched: 1 } }));
    },
  };
  const one: Partial<Habits> = { opened: (connection) => connection.dialect === 'v1' && connection.text(hello('c')) };
  await using left = await startFakeServer(one);
  await using right = await startFakeServer({
    ...habits,
    opened: (connection) => connection.dialect === 'v1' && habits.opened?.(connection),
  });
  const text = scenario(['notify: { via: alice }', 'fence: alice'], V1);
  expect(await compare([left.url, right.url], casesOf(text))).toEqual([]);
});

it('a frame that differs is told with its client and its number, also in a case that passes on both', async () => {
  const habits = { deliver: (connection: FakeConnection, text: string) => connection.deliver(text.replace('"data":1', '"data":1.0')) };
  const differences = await compareHabits(habits, scenario(STEPS, BASE));
  expect(differences).toEqual([
    { id: 'a/case', outcomes: ['passed', 'passed'], frames: [expect.objectContaining({ client: 'alice', number: 3 })] },
  ]);
  const [left, right] = differences[0]?.frames[0]?.frames ?? [];
  expect(left).toContain('"package":"the-package","page":"messages","data":1,"wsn-test":"…"');
  expect(right).toContain('"data":1.0,');
});

it('a frame that only one server sends stands beside nothing', async () => {
  const habits = {
    closed(connection: FakeConnection, payload: Buffer) {
      connection.text('{"sender":"server","bye":true}');
      HABITS.closed(connection, payload);
    },
  };
  const text = scenario(['frame: { client: alice, close: {} }', 'expect-close: { client: alice, code: 1005 }'], {
    clients: 'alice: { kind: raw }',
  });
  expect(await compareHabits(habits, text)).toEqual([
    {
      id: 'a/case',
      outcomes: ['passed', 'passed'],
      frames: [
        { client: 'alice', number: 2, frames: ['close', 'text {"sender":"server","bye":true}'] },
        { client: 'alice', number: 3, frames: [undefined, 'close'] },
      ],
    },
  ]);
});

it('a case that comes to something else on the other server differs', async () => {
  const habits = { publish: (connection: FakeConnection) => connection.close(4400, 'no') };
  const differences = await compareHabits(habits, scenario(['notify: {}']));
  expect(differences).toMatchObject([
    { outcomes: ['passed', 'failed'], frames: [{ client: 'harness', frames: ['close 1000', 'close 4400 no'] }] },
  ]);
});

it('heartbeats and the headers of answers are no difference', async () => {
  const habits: Partial<Habits> = {
    answer: (_, head) => head.replace('\r\n\r\n', '\r\nServer: other\r\n\r\n'),
    opened: (connection) => connection.frame({ opcode: 9, payload: 'beat' }),
  };
  expect(await compareHabits(habits, scenario(STEPS, BASE))).toEqual([]);
});

it('epochs of other lengths are no difference in a delivery that is too long to be kept whole', async () => {
  const delivering = (epoch: string): Partial<Habits> => ({
    deliver: (connection, notification) =>
      connection.text(`{"sender":"server","position":{"epoch":"${epoch}","offset":1},"notification":${notification}}`),
  });
  await using one = await startFakeServer(delivering('e'));
  await using other = await startFakeServer(delivering('another-much-longer-epoch'));
  const text = `\${repeat:40:0123456789}`;
  const steps = STEPS.map((step) => step.replace('data: 1', `data: "${text}"`));
  expect(await compare([one.url, other.url], casesOf(scenario(steps, V1)))).toEqual([]);
});
