import { describe, expect, it } from 'vitest';
import { type Habits, startFakeServer } from '../run/fake-server.js';
import { failureOf, lineOf, outcomeOf, runOn, runSteps } from '../run/running.js';

const API = { clients: 'api: { kind: http, headers: { X-Always: "1" } }' };

/** Answers with what it was asked. */
const echo: Habits['http'] = ({ method, url, headers }, body) => ({
  status: 200,
  body: JSON.stringify({ method, url, body, type: headers['content-type'] ?? null, always: headers['x-always'] ?? null }),
});

describe('an HTTP request', () => {
  it.each([
    ['http: { client: api', '{ method: GET, url: /, body: "", type: null, always: "1" }'],
    [
      'http: { client: api, path: /x, json: { a: { $absent: true }, b: 1 }',
      `{ method: POST, url: /x, body: '{"b":1}', type: application/json }`,
    ],
    ['http: { client: api, text: hi, headers: { X-Always: null }', '{ method: POST, body: hi, type: null, always: null }'],
    ['http: { client: api, method: PUT, hex: "68 69"', '{ method: PUT, body: hi }'],
  ])('is sent as the step says: %s', async (step, body) => {
    expect(outcomeOf(await runOn({ http: echo }, [`${step}, expect: { body: ${body} } }`], API))).toBe('passed');
  });

  it('keeps one connection, which is told', async () => {
    await using server = await startFakeServer({ http: echo });
    const steps = ['http: { client: api, expect: { reused: false } }', 'http: { client: api, expect: { reused: true } }'];
    expect(outcomeOf(await runSteps(server.url, steps, API))).toBe('passed');
  });

  it('keeps parts of its answer', async () => {
    const steps = [
      'http: { client: api, save: { was: /body/method } }',
      `http: { client: api, path: "/\${was}", expect: { body: { url: /GET } } }`,
    ];
    expect(outcomeOf(await runOn({ http: echo }, steps, API))).toBe('passed');
  });

  it('has to be answered with 200 unless the step says otherwise', async () => {
    const habits = { http: () => ({ status: 503, body: 'down' }) };
    const result = await runOn(habits, ['http: { client: api }'], API);
    expect(failureOf(result)).toMatchObject({
      message: 'the answer is not as expected at /status: expected 200, found 503',
      actual: expect.stringContaining('"body":"down"'),
      place: { line: lineOf(1) },
    });
    expect(outcomeOf(await runOn(habits, ['http: { client: api, expect: { status: 503, body: down } }'], API))).toBe('passed');
    expect(result.wire.api?.map(({ direction, what, payload }) => `${direction} ${what} ${payload}`.trim())).toEqual([
      'sent GET /',
      'received HTTP 503 down',
    ]);
  });

  it('is asked again until the answer is as expected, where the step says for how long', async () => {
    let asked = 0;
    const habits = { http: () => ({ status: ++asked < 3 ? 200 : 503, body: 'down' }) };
    const step = 'http: { client: api, expect: { status: 503 }, within: 5s, save: { was: /body } }';
    expect(outcomeOf(await runOn(habits, [step, `http: { client: api, path: "/\${was}", expect: { status: 503 } }`], API))).toBe('passed');
    expect(asked).toBe(4);
  });

  it('whose answer does not become as expected fails with the last one', async () => {
    const habits = { http: () => ({ status: 200, body: 'up' }) };
    const result = await runOn(habits, ['http: { client: api, expect: { status: 503 }, within: 60ms }'], API);
    expect(failureOf(result).message).toBe('the answer is not as expected at /status: expected 503, found 200');
    expect(result.wire.api?.length).toBeGreaterThan(2);
  });

  it('that is answered by the end fails', async () => {
    const habits: Partial<Habits> = {
      http({ socket }) {
        socket.destroy();
        return { status: 200, body: '' };
      },
    };
    expect(outcomeOf(await runOn(habits, ['http: { client: api }'], API))).toMatch(/^api: GET \/ was not answered: /);
  });

  it('that is answered a byte at a time fails after the time of a step', async () => {
    const habits: Partial<Habits> = {
      http({ socket }) {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        const timer = setInterval(() => socket.write('x'), 20);
        socket.once('close', () => clearInterval(timer));
        return { status: 200, body: '' };
      },
    };
    expect(outcomeOf(await runOn(habits, ['http: { client: api }'], { ...API, stepTimeoutMs: 200 }))).toBe(
      'api: GET / was not answered: not to its end within 200 ms',
    );
  });

  it('that is answered with an upgrade fails', async () => {
    const habits: Partial<Habits> = {
      http({ socket }) {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
        return { status: 200, body: '' };
      },
    };
    expect(outcomeOf(await runOn(habits, ['http: { client: api }'], API))).toBe(
      'api: GET / was not answered: HTTP 101 came, which is none to a request without an upgrade',
    );
  });

  it('that HTTP clients cannot send is a mistake of the scenario', async () => {
    expect(outcomeOf(await runOn({}, ['http: { client: api, path: "/a b" }'], API))).toMatch(
      /^api: GET \/a b cannot be sent by an HTTP client, send it as bytes: /,
    );
  });

  it('is for HTTP clients, as the other steps are for those of WebSocket', async () => {
    expect(outcomeOf(await runOn({}, ['http: { client: alice }'], { clients: 'alice: {}' }))).toBe(
      'alice is no HTTP client: give it "kind: http"',
    );
    expect(outcomeOf(await runOn({}, ['ready: api'], API))).toBe('api is an HTTP client, this step is for WebSocket');
  });

  it('that publishes is fenced, though no notify has sent it', async () => {
    const json = `{ package: "\${package}", page: messages }`;
    const steps = ['send: { client: alice, subscriptions: [{}] }', 'ready: alice', `http: { client: api, path: /notify, json: ${json} }`];
    expect(outcomeOf(await runOn({}, steps, { clients: 'alice: {}, api: { kind: http }' }))).toBe(
      'alice received a message that no step expects',
    );
  });
});
