import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openPublisher } from '../../../../src/bench/traffic/publishers/open-publisher.js';
import { notificationText, PROBE, recording } from './recording.js';

interface Request {
  /** Of its notification; `undefined` for the probe. */
  readonly index: number | undefined;
  readonly text: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Does with each request of the load what is told; the probe is answered with 200. */
async function startServer(answer: (request: Request) => void) {
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const index: number | undefined = JSON.parse(text).data?.index;
    if (index === undefined) response.end('{}');
    else answer({ index, text, request, response });
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const end = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((resolve) => void server.close(() => resolve()));
  };
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/a/path?for=WebSockets`,
    get connections() {
      return sockets.size;
    },
    end,
    [Symbol.asyncDispose]: end,
  };
}

/** Keeps each request of the load until it is let go. */
async function startHolding() {
  const held: Request[] = [];
  const server = await startServer((request) => held.push(request));
  return { server, held, letGo: () => held.splice(0).forEach(({ response }) => void response.end('{}')) };
}

const problem = (status: number, detail?: string) => (response: ServerResponse) =>
  response.writeHead(status, { 'Content-Type': 'application/problem+json' }).end(JSON.stringify({ status, detail }));

describe('an HTTP publisher', () => {
  it('posts each notification bare, as JSON, to /notify', async () => {
    const requests: unknown[] = [];
    await using server = await startServer(({ request, response, text }) => {
      requests.push([request.method, request.url, request.headers['content-type'], text]);
      response.end('{}');
    });
    const context = recording(server.url);
    await using publisher = await openPublisher('http', context, PROBE);
    publisher.publish(0);
    publisher.publish(1);
    await context.settled(2);
    expect(requests).toEqual([0, 1].map((index) => ['POST', '/notify', 'application/json', notificationText(index)]));
  });

  it('tells what each answer means and counts them by their status codes, the probe apart', async () => {
    const answers = [
      (response: ServerResponse) => response.end('{}'),
      problem(403, 'not from there'),
      problem(503),
      (response: ServerResponse) => response.writeHead(500).end('<h1>oh</h1>'),
      (response: ServerResponse) => response.destroy(),
      (response: ServerResponse) => response.end('{}'),
    ];
    await using server = await startServer(({ index, response }) => answers[index ?? 0]?.(response));
    const context = recording(server.url);
    await using publisher = await openPublisher('http', context, PROBE);
    expect(publisher.httpOutcome()).toEqual({ statusCodes: {}, perSecond: null, errors: 0 });
    for (const index of answers.keys()) publisher.publish(index);
    await context.settled(answers.length);
    expect(context.acknowledged).toEqual([0, 5]);
    expect(Object.fromEntries(context.refused)).toEqual({
      1: 'HTTP 403: not from there',
      2: 'HTTP 503: Service Unavailable',
      3: 'HTTP 500: Internal Server Error',
    });
    expect([...context.unknown.keys()]).toEqual([4]);
    expect(publisher.httpOutcome()).toEqual({ statusCodes: { 200: 2, 403: 1, 500: 1, 503: 1 }, perSecond: expect.any(Number), errors: 1 });
    expect(publisher).toMatchObject({ unanswered: 0, isGone: false });
  });

  it('begins its count anew when it is told that the load begins', async () => {
    await using server = await startServer(({ response }) => response.end('{}'));
    const context = recording(server.url);
    await using publisher = await openPublisher('http', context, PROBE);
    publisher.publish(0);
    await context.settled(1);
    publisher.forgetHttpOutcome();
    expect(publisher.httpOutcome()).toEqual({ statusCodes: {}, perSecond: null, errors: 0 });
    publisher.publish(1);
    await context.settled(2);
    expect(publisher.httpOutcome()).toMatchObject({ statusCodes: { 200: 1 } });
  });

  it('sends when it is told to and not before, over as many connections as it has', async () => {
    const { server, held, letGo } = await startHolding();
    await using _ = server;
    const context = recording(server.url, { connections: 2 });
    await using publisher = await openPublisher('http', context, PROBE);
    await expect.poll(() => server.connections).toBe(2);
    for (const index of [0, 1, 2]) publisher.publish(index);
    expect(context.sending).toEqual([0, 1]);
    expect(publisher).toMatchObject({ unanswered: 3 });
    await expect.poll(() => held.map(({ index }) => index).sort()).toEqual([0, 1]);
    letGo();
    await context.settled(2);
    await expect.poll(() => held.map(({ index }) => index)).toEqual([2]);
    letGo();
    await context.settled(3);
    expect(publisher).toMatchObject({ unanswered: 0 });
    publisher.publish(3);
    await expect.poll(() => held.map(({ index }) => index)).toEqual([3]);
    await expect.poll(() => server.connections).toBe(2);
  });

  it('drops what waits when it is stopped, and still hears of what is under way', async () => {
    const { server, held, letGo } = await startHolding();
    await using _ = server;
    const context = recording(server.url);
    await using publisher = await openPublisher('http', context, PROBE);
    for (const index of [0, 1]) publisher.publish(index);
    publisher.stop();
    expect(publisher).toMatchObject({ unanswered: 1 });
    await expect.poll(() => held.length).toBe(1);
    letGo();
    await context.settled(1);
    expect(context.acknowledged).toEqual([0]);
    expect(context.sending).toEqual([0]);
  });

  it('connects anew when the server ends a connection that is idle', async () => {
    const ended: Promise<unknown>[] = [];
    await using server = await startServer(({ response }) => {
      const { socket } = response;
      response.end('{}', () => socket?.end());
      if (socket) ended.push(once(socket, 'close'));
    });
    const context = recording(server.url);
    await using publisher = await openPublisher('http', context, PROBE);
    for (const index of [0, 1, 2]) {
      publisher.publish(index);
      await context.settled(index + 1);
      await ended[index];
    }
    expect(context.acknowledged).toEqual([0, 1, 2]);
    expect(publisher.httpOutcome()).toMatchObject({ statusCodes: { 200: 3 }, errors: 0 });
  });

  it('takes no answer for the rest of another one that broke off', async () => {
    await using server = await startServer(({ index, response }) => {
      if (index === 0) response.writeHead(200, { 'Content-Length': 1000 }).write('{"receipt"', () => response.destroy());
      else problem(403, 'no')(response);
    });
    const context = recording(server.url, { connections: 2 });
    await using publisher = await openPublisher('http', context, PROBE);
    for (let index = 0; index < 10; index++) publisher.publish(index);
    await context.settled(10);
    expect([...context.unknown.keys()]).toEqual([0]);
    expect(context.refused.size).toBe(9);
    expect(publisher.isGone).toBe(false);
  });

  it('is gone when the server is, refuses what waits and what comes', async () => {
    const { server, held } = await startHolding();
    await using _ = server;
    const context = recording(server.url);
    await using publisher = await openPublisher('http', context, PROBE);
    for (const index of [0, 1]) publisher.publish(index);
    await expect.poll(() => held.length).toBe(1);
    await server.end();
    await context.settled(2);
    publisher.publish(2);
    const { port } = new URL(server.url);
    expect([...context.unknown.keys()]).toEqual([0]);
    expect(Object.fromEntries(context.refused)).toEqual({
      1: `no connection to http://127.0.0.1:${port}/notify is left: nobody listens there`,
      2: `no connection to http://127.0.0.1:${port}/notify is left: nobody listens there`,
    });
    expect(publisher).toMatchObject({ isGone: true, unanswered: 0 });
  });

  it('does not know of what is under way when it is stopped by its signal, and leaves nothing behind', async () => {
    const { server, held } = await startHolding();
    await using _ = server;
    const context = recording(server.url, { connections: 3 });
    await using publisher = await openPublisher('http', context, PROBE);
    publisher.publish(0);
    await expect.poll(() => held.length).toBe(1);
    context.abort(new Error('no more'));
    await context.settled(1);
    expect(Object.fromEntries(context.unknown)).toEqual({ 0: 'it was stopped' });
    await expect.poll(() => server.connections).toBe(0);
  });

  it('tells nothing more once it was disposed of', async () => {
    const { server, held } = await startHolding();
    await using _ = server;
    const context = recording(server.url);
    {
      await using publisher = await openPublisher('http', context, PROBE);
      publisher.publish(0);
      await expect.poll(() => held.length).toBe(1);
    }
    expect([context.acknowledged.length, context.refused.size, context.unknown.size]).toEqual([0, 0, 0]);
    await expect.poll(() => server.connections).toBe(0);
  });
});
