import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { startBrokerProcess } from '../../src/bench/broker-process.js';
import { openPeer } from '../../src/peer/index.js';
import { environment, WSN } from '../support/wsn.js';

const node = (script: string) => () => [process.execPath, '-e', script];
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const codeOf = (error: NodeJS.ErrnoException) => error.code;

/** A process of its own that starts a `wsn serve` and waits; where the broker listens is its one line. */
function starter() {
  const built = new URL('../../dist/src/bench/broker-process.js', import.meta.url).href;
  const command = [process.execPath, WSN, 'serve', '--host', '127.0.0.1', '--port', '0', '--log-level', 'error', '--log-format', 'json'];
  const script = `const { startBrokerProcess } = await import('${built}');
    const { url } = await startBrokerProcess(() => ${JSON.stringify(command)});
    console.log(url);`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'], env: environment() });
}

describe('a broker in another process', () => {
  it('is where its first line with a url says, whatever it writes before, and is gone after disposal', async () => {
    const broker = await startBrokerProcess(
      node(`console.log('hello'); console.log('{"level":30}'); console.log('{"url":"ws://127.0.0.1:9"}'); setInterval(() => {}, 1000)`),
    );
    expect(broker.url).toBe('ws://127.0.0.1:9');
    expect(isAlive(broker.pid)).toBe(true);
    await broker[Symbol.asyncDispose]();
    expect(isAlive(broker.pid)).toBe(false);
  });

  it('that ends instead of listening is told with what it said', async () => {
    await expect(startBrokerProcess(node("console.error('no port is left'); process.exitCode = 3"))).rejects.toMatchObject({
      kind: 'unreachable',
      message: 'the broker that was started did not listen: no port is left',
    });
  });

  it('that cannot be started is told too', async () => {
    await expect(startBrokerProcess(() => ['/nonexistent/wsn'])).rejects.toThrow(
      'the broker that was started did not listen: it ended and said nothing',
    );
  });

  it('is started again on its port after a signal, and no sooner than it is told to', async () => {
    const script = (port: number) =>
      `const server = require('node:net').createServer().listen(${port}, '127.0.0.1', () =>
         console.log(JSON.stringify({ url: 'ws://127.0.0.1:' + server.address().port })));`;
    await using broker = await startBrokerProcess((port) => [process.execPath, '-e', script(port)]);
    const { url, pid } = broker;
    const startedAt = performance.now();
    await broker.restart('SIGKILL', 200);
    expect(performance.now() - startedAt).toBeGreaterThan(199);
    expect(isAlive(pid)).toBe(false);
    expect(broker.pid).not.toBe(pid);
    expect(broker.url).toBe(url);
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.destroy();
  });

  it('does not come back when it is disposed while it is away', async () => {
    const broker = await startBrokerProcess(node(`console.log('{"url":"ws://127.0.0.1:9"}'); setInterval(() => {}, 1000)`));
    const restarting = broker.restart('SIGKILL', 60_000);
    await broker[Symbol.asyncDispose]();
    await restarting;
    expect(isAlive(broker.pid)).toBe(false);
  });

  it('does not get the options that are set in the environment for another one', async () => {
    process.env.WSN_PORT = '1';
    const script = `console.log(JSON.stringify({ url: String(process.env.WSN_PORT) })); setInterval(() => {}, 1000)`;
    await using broker = await startBrokerProcess(node(script));
    delete process.env.WSN_PORT;
    expect(broker.url).toBe('undefined');
  });

  it.skipIf(process.platform === 'win32')('says goodbye and ends when the one that started it is killed with SIGKILL', async () => {
    const process = starter();
    const url = await new Promise<string>((resolve) => createInterface({ input: process.stdout }).once('line', resolve));
    await using peer = await openPeer({ host: '127.0.0.1', port: Number(new URL(url).port) });
    process.kill('SIGKILL');
    expect(await peer.closed).toMatchObject({ code: 1001 });
    await expect.poll(() => openPeer({ host: '127.0.0.1', port: Number(new URL(url).port) }).then(() => '', codeOf)).toBe('ECONNREFUSED');
  });
});
