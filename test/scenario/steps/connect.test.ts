import { describe, expect, it } from 'vitest';
import { writeFrame } from '../../../src/peer/index.js';
import { type FakeConnection, HABITS, hello, startFakeServer } from '../run/fake-server.js';
import { failureOf, lineOf, outcomeOf, runOn, runSteps } from '../run/running.js';

const ALICE = { clients: 'alice: {}' };
const V1 = { clients: 'alice: { subprotocols: [wsn.v1] }' };
const RAW = { clients: 'alice: { kind: raw }' };
const answering = (answer: string) => ({ answer: () => answer });
const refusal = (status: string, body: string) =>
  answering(`HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\nX-Why: body\r\n\r\n${body}`);

describe('a handshake', () => {
  it('is done with the path, the headers and the subprotocols of the client, which the step may change', async () => {
    await using server = await startFakeServer();
    const clients = 'alice: { path: /a, headers: { X-One: "1", Origin: b }, subprotocols: [wsn.v1] }, bob: {}';
    const steps = ['ready: alice', 'connect: { client: bob, path: /b, headers: { X-Two: "2", Sec-WebSocket-Version: "13" } }'];
    expect(outcomeOf(await runSteps(server.url, steps, { clients }))).toBe('passed');
    expect(server.connections.map(({ request }) => request.url)).toEqual(['/a', '/b']);
    expect(server.connections[0]?.request.headers).toMatchObject({ 'x-one': '1', origin: 'b', 'sec-websocket-protocol': 'wsn.v1' });
    expect(server.connections[1]?.request.headers).toMatchObject({ 'x-two': '2' });
  });

  it.each<[string, (head: string) => string, string, string | undefined]>([
    ['a wrong key', (head) => head.replace(/Accept: ./, 'Accept: ?'), 'Sec-WebSocket-Accept is ?', 'R-4.6'],
    ['no key', (head) => head.replace(/Sec-WebSocket-Accept.*\r\n/, ''), 'Sec-WebSocket-Accept is absent', 'R-4.6'],
    ['no upgrade', (head) => head.replace('Upgrade: websocket\r\n', ''), 'Upgrade is absent, expected websocket', 'R-4.6'],
    [
      'an extension',
      (head) => head.replace('\r\n\r\n', '\r\nSec-WebSocket-Extensions: x\r\n\r\n'),
      'Sec-WebSocket-Extensions is x, expected none',
      'R-4.6',
    ],
    [
      'a subprotocol that nobody offered',
      (head) => head.replace('\r\n\r\n', '\r\nSec-WebSocket-Protocol: x\r\n\r\n'),
      'Sec-WebSocket-Protocol is x, expected none',
      'R-5.1',
    ],
    ['something that is no HTTP', () => 'SSH-2.0-nothing\r\n\r\n', 'expected an HTTP response, found "SSH-2.0-nothing"', undefined],
  ])('that is answered with %s fails', async (_, change, message, rule) => {
    const result = await runOn({ answer: (_request, head) => change(head) }, ['ready: alice'], ALICE);
    expect(failureOf(result)).toMatchObject({ message: expect.stringContaining(message), place: { line: lineOf(1) } });
    expect(failureOf(result).rule).toBe(rule);
  });

  it('that is answered with something that is no HTTP, and then with the end, is a failure of that step alone', async () => {
    const habits = {
      answer: () => 'SSH-2.0-nothing\r\n\r\n',
      opened: (connection: FakeConnection) => void connection.socket.end(),
    };
    const told = { ...ALICE, more: ['finally:', '  - expect-close: { client: alice, code: 1006 }'] };
    expect(outcomeOf(await runOn(habits, ['ready: alice'], told))).toBe('alice: expected an HTTP response, found "SSH-2.0-nothing"');
  });

  it('that is answered with the end fails', async () => {
    const habits = { answer: () => '', opened: (connection: FakeConnection) => void connection.socket.end() };
    expect(outcomeOf(await runOn(habits, ['ready: alice'], ALICE))).toBe(
      'alice: expected an answer to the handshake, found that the connection was closed',
    );
  });

  it('that is not answered fails after the time of a step', async () => {
    const result = await runOn(answering(''), ['ready: alice'], { ...ALICE, stepTimeoutMs: 200 });
    expect(outcomeOf(result)).toBe('alice: no answer to the handshake came within 200 ms');
  });

  it('may have to be refused, with a status, headers and a body', async () => {
    const expected = 'expect: { status: 503, headers: { x-why: body }, body: { full: true } }';
    const result = await runOn(refusal('503 Full', '{"full":true}'), [`connect: { client: alice, ${expected} }`], ALICE);
    expect(outcomeOf(result)).toBe('passed');
  });

  it('that is refused with another status than expected says so', async () => {
    const result = await runOn(refusal('400 Bad', 'no'), ['connect: { client: alice, expect: { status: 503 } }'], ALICE);
    expect(failureOf(result)).toMatchObject({
      message: 'the answer is not as expected at /status: expected 503, found 400',
      actual: expect.stringContaining('"body":"no"'),
      place: { line: lineOf(1), column: 39 },
    });
  });

  it('that is refused although nobody expects it fails the step that opens the client', async () => {
    expect(failureOf(await runOn(refusal('403 No', 'no'), ['ready: alice'], ALICE))).toMatchObject({
      message: 'alice: the handshake was answered with 403, expected 101',
      actual: 'no',
    });
  });

  it('may have a message in the same segment', async () => {
    const glue = `'{"sender":"server","notification":{"package":"p","page":"q"}}'`;
    const steps = [`connect: { client: alice, glue: ${glue} }`, 'expect-close: { client: alice, code: 1000 }'];
    expect(outcomeOf(await runOn({}, steps, ALICE))).toBe('passed');
  });

  it('may be written by hand', async () => {
    const request =
      '"GET /x HTTP/1.1\\nHost: h\\nUpgrade: websocket\\nConnection: upgrade\\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\\nSec-WebSocket-Version: 13"';
    expect(outcomeOf(await runOn({}, [`connect: { client: alice, request: ${request} }`, 'ready: alice'], ALICE))).toBe('passed');
  });

  it('of a client that is open is a mistake of the scenario', async () => {
    expect(outcomeOf(await runOn({}, ['connect: alice', 'connect: alice'], ALICE))).toContain('alice is open already');
  });

  it('may be done again after the end', async () => {
    const once = { ...HABITS, opened: (connection: FakeConnection) => connection.number === 1 && connection.close(1001) };
    const steps = ['connect: alice', 'expect-close: { client: alice, code: 1001 }', 'connect: alice', 'ready: alice'];
    expect(outcomeOf(await runOn(once, steps, ALICE))).toBe('passed');
  });
});

describe('a client of wsn.v1', () => {
  it('is given its hello, which no step has to expect', async () => {
    expect(outcomeOf(await runOn({}, ['ready: alice', 'fence: alice'], V1))).toBe('passed');
    const steps = ['expect: { client: alice, message: { hello: { version: 1 } }, save: { name: /hello/connection } }'];
    expect(outcomeOf(await runOn({}, steps, V1))).toBe('passed');
  });

  it('that is given hello twice fails', async () => {
    const habits = { opened: (connection: FakeConnection) => [1, 2].map(() => connection.text(hello('c'))) };
    expect(outcomeOf(await runOn(habits, ['ready: alice'], V1))).toBe('alice received a message that no step expects');
  });

  it('that is given something else before hello fails', async () => {
    const habits = { opened: (connection: FakeConnection) => connection.text('{"sender":"server","mark":{"topics":[]}}') };
    expect(failureOf(await runOn(habits, ['ready: alice'], V1))).toMatchObject({
      message: 'alice: the first message is no hello, which comes before anything else',
      rule: 'R-5.3',
    });
  });

  it('that is not given the subprotocol fails', async () => {
    const habits = { answer: (_: unknown, head: string) => head.replace(/Sec-WebSocket-Protocol.*\r\n/, '') };
    expect(failureOf(await runOn(habits, ['ready: alice'], V1))).toMatchObject({
      message: 'alice: the answer to the handshake is wrong: Sec-WebSocket-Protocol is absent, expected wsn.v1',
      rule: 'R-5.1',
    });
  });
});

describe('a client of the base protocol', () => {
  it('that is given a hello fails', async () => {
    const habits = { opened: (connection: FakeConnection) => connection.text(hello('c')) };
    const result = await runOn(habits, ['ready: alice'], ALICE);
    expect(failureOf(result)).toMatchObject({
      message: 'alice received a message that no step expects',
      actual: expect.stringContaining('"hello"'),
    });
  });

  it.each<[string, Buffer, string]>([
    ['a masked frame', writeFrame({ opcode: 1, payload: '{}', mask: true }), 'is masked'],
    ['a frame with reserved bits', writeFrame({ opcode: 1, payload: '{}', rsv: 1, mask: false }), 'has the reserved bits 1'],
    ['a binary frame', writeFrame({ opcode: 2, payload: '{}', mask: false }), 'a binary frame came'],
    [
      'a message that is no JSON',
      writeFrame({ opcode: 1, payload: 'hi', mask: false }),
      'a text message came that is none of the protocol',
    ],
    [
      'a message of a client',
      writeFrame({ opcode: 1, payload: '{"sender":"client"}', mask: false }),
      'expected a JSON object whose sender is "server"',
    ],
    ['a frame that is endless', Buffer.from([0x82, 0x7f, 0, 0, 0, 1, 0, 0, 0, 0]), 'a frame says it has 4294967296 bytes'],
  ])('that is sent %s fails by R-2.1', async (_, bytes, message) => {
    const habits = { opened: (connection: FakeConnection) => void connection.socket.write(bytes) };
    expect(failureOf(await runOn(habits, ['ready: alice'], ALICE))).toMatchObject({
      message: expect.stringContaining(message),
      rule: 'R-2.1',
    });
  });
});

describe('a raw client', () => {
  it('sends bytes before any handshake, and expects bytes', async () => {
    const steps = ['bytes: { client: alice, text: "NONSENSE\\r\\n\\r\\n", chop: 3 }', 'expect: { client: alice, text: "HTTP/1.1 400" }'];
    const result = await runOn({}, [...steps, 'expect-close: { client: alice, code: 1006, how: fin }'], RAW);
    expect(outcomeOf(result)).toBe('passed');
    expect(result.wire.alice?.map(({ direction, what }) => `${direction} ${what}`)).toContain('sent bytes, 3 at a time');
  });

  it('that is sent other bytes fails with them', async () => {
    const steps = ['bytes: { client: alice, hex: "00 0d0a 0d0a" }', 'expect: { client: alice, text: "HTTP/1.1 500" }'];
    expect(failureOf(await runOn({}, steps, RAW))).toMatchObject({
      message: 'alice received other bytes than expected',
      expected: 'HTTP/1.1 500',
      actual: expect.stringMatching(/^HTTP\/1\.1 400/),
    });
  });

  it('answers neither pings nor close frames', async () => {
    const seen: string[] = [];
    const habits = {
      opened(connection: FakeConnection) {
        connection.frame({ opcode: 9, payload: 'a' });
        connection.socket.on('data', (bytes: Buffer) => seen.push(bytes.toString('hex')));
        connection.close(1000);
      },
    };
    const steps = ['connect: alice', 'expect: { client: alice, frame: { opcode: ping } }', 'expect-close: { client: alice, code: 1000 }'];
    expect(outcomeOf(await runOn(habits, steps, RAW))).toBe('passed');
    expect(seen).toEqual([]);
  });
});
