import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';

interface Worker {
  call(name: string, argument: object): Promise<unknown>;
  stop(): Promise<void>;
}

const module = (path: string) => pathToFileURL(resolve('benchmarks', path));
const { startWorker } = (await import(module('lib/worker.mjs').href)) as { startWorker(module: URL): Worker };

/** What is sent to the receiver instead of the text that is meant for it. */
type Fault = (text: string) => readonly string[];

/** Sends everything to everybody, but for the 50th delivery, with which it makes a fault. */
async function startFaultyBroker(fault: Fault) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const subscribers = new Set<{ send(text: string): void }>();
  let deliveries = 0;
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      const text = String(data);
      if (text.includes('subscriptions')) subscribers.add(socket);
      else for (const one of subscribers) for (const sent of ++deliveries === 50 ? fault(text) : [text]) one.send(sent);
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.dispose]() {
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  };
}

/** 40 notifications to 3 subscribers each. */
async function load(fault: Fault): Promise<unknown> {
  using broker = await startFaultyBroker(fault);
  const worker = startWorker(module('fanout/window-load.mjs'));
  try {
    await worker.call('connect', { pid: process.pid, port: broker.port, clients: 3, channels: 1, bytes: 50 });
    return await worker.call('run', { notifications: 40, window: 8 });
  } finally {
    await worker.stop();
  }
}

describe('the generator of the fan-out benchmark', () => {
  it('counts what arrives', async () => {
    expect(await load((text) => [text])).toMatchObject({ deliveries: 120 });
  });

  it.each<[fault: string, fault: Fault, found: RegExp]>([
    ['is missing', () => [], /"missing":1,/],
    ['comes twice', (text) => [text, text], /"duplicate":1,/],
    ['comes before the one that precedes it', (text) => [text.replace(/\d(?="}}$)/, '9'), text], /"duplicate":/],
    ['is not whole', (text) => [text.replace('xxx', '')], /"unequal":1,/],
  ])('fails when a delivery %s', async (_, fault, found) => {
    await expect(load(fault)).rejects.toThrow(found);
  });
});
