import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { openPeer } from '../../../src/peer/index.js';
import { freePort, isListening } from '../../../src/scenario/net/ports.js';
import { startServer } from '../../../src/scenario/net/server-process.js';
import { WSN } from '../../support/wsn.js';

const host = '127.0.0.1';

/** Real, but a test may say which ports are found. */
vi.mock('../../../src/scenario/net/ports.js', async (original) => {
  const ports = await original<typeof import('../../../src/scenario/net/ports.js')>();
  return { ...ports, freePort: vi.fn(ports.freePort) };
});

/** A command that runs a script of node with the port as its argument. */
const node = (script: string, ...more: string[]) => [process.execPath, '-e', script, '{port}', ...more];

/** Listens on its port and writes its pid and its arguments to whoever connects. */
const TELLS = 'require("net").createServer((s) => s.end(JSON.stringify([process.pid, ...process.argv.slice(1)]))).listen(+process.argv[1])';

async function read(port: number): Promise<string[]> {
  const socket = connect(port, host);
  let text = '';
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  await once(socket, 'close');
  return JSON.parse(text).map(String);
}

/** Of a child of this process; others may stay as zombies where nobody reaps them. */
function isAlive(pid: number | string): boolean {
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
}

describe('a server that is started', () => {
  it('listens on the port of its url, and is gone after disposal', async () => {
    const server = await startServer({ command: node(TELLS) });
    expect(server.url).toBe(`ws://127.0.0.1:${server.port}`);
    expect(await read(server.port)).toEqual([String(server.pid), String(server.port)]);
    await server[Symbol.asyncDispose]();
    expect(isAlive(server.pid)).toBe(false);
    expect(await server.ended).toEqual({ code: null, signal: 'SIGTERM' });
    await server.stop(); // once more does nothing
  });

  it('may be our own with options: a ping comes when its option says', async () => {
    await using server = await startServer({
      command: `"${process.execPath}" "${WSN}" serve --host 127.0.0.1 --port {port} {options}`,
      options: { pingIntervalMs: 100 },
    });
    const pings: number[] = [];
    await using _peer = await openPeer({ host, port: server.port, onFrame: (frame) => void pings.push(frame.opcode) });
    await expect.poll(() => pings).toContain(9);
    await server.stop();
    expect(await server.ended).toEqual({ code: 0, signal: null });
  });

  it('has the scheme that it is said to have', async () => {
    await using server = await startServer({ command: node(TELLS), scheme: 'wss' });
    expect(server.url).toBe(`wss://127.0.0.1:${server.port}`);
  });

  it('does not get the variables that are meant for another one', async () => {
    process.env.WSN_PORT = '1';
    const script = 'require("net").createServer((s) => s.end(JSON.stringify([String(process.env.WSN_PORT)]))).listen(+process.argv[1])';
    await using server = await startServer({ command: node(script) });
    delete process.env.WSN_PORT;
    expect(await read(server.port)).toEqual(['undefined']);
  });

  it('has what it wrote last at hand, without control characters', async () => {
    const script = `console.log("one"); console.error("\\x1b[31mtwo\\x1b[0m\\x07"); ${TELLS}`;
    await using server = await startServer({ command: node(script) });
    await expect.poll(() => [...server.lastLines].sort()).toEqual(['one', 'two']);
  });
});

describe('restarting a server', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)('by %s gives another process on the same port', async (signal) => {
    await using server = await startServer({ command: node(TELLS) });
    const { pid, ended } = server;
    await server.restart(signal);
    expect(await ended).toEqual({ code: null, signal });
    expect(server.pid).not.toBe(pid);
    expect(await read(server.port)).toEqual([String(server.pid), String(server.port)]);
  });

  it('reaches what a command has started in turn, and waits until that is gone', async () => {
    const parent = `require("child_process").spawn(process.execPath, ["-e", process.argv[2], process.argv[1]], { stdio: "inherit" })`;
    // The child takes a while to say goodbye, the parent none.
    const child = `process.on("SIGTERM", () => setTimeout(() => process.exit(0), 200)); ${TELLS}`;
    await using server = await startServer({ command: node(parent, child) });
    const [pid = ''] = await read(server.port);
    expect(pid).not.toBe(String(server.pid));
    await server.restart();
    expect((await read(server.port))[0]).not.toBe(pid);
  });
});

describe('a server that cannot be had', () => {
  const failing: [what: string, script: string, message: RegExp][] = [
    [
      'says why',
      'console.error("no config"); process.exitCode = 3',
      /^the server ended with exit code 3 before it listened; it wrote:\n {2}no config$/,
    ],
    ['says nothing', '', /^the server ended with exit code 0 before it listened; it wrote nothing$/],
    ['is killed', 'process.kill(process.pid, "SIGKILL")', /^the server ended by SIGKILL before it listened; it wrote nothing$/],
    ['throws', 'throw new RangeError("too\\tmuch")', /; it wrote:\n {2}RangeError: too\tmuch\n {2}Node\.js v[\d.]+$/],
    ['says much', 'for (let i = 0; i < 50; i++) console.error("x".repeat(999) + i)', /; it wrote:\n( {2}x{199}…\n?){5}$/],
  ];
  it.each(failing)('is told with the end of what it wrote when it %s', async (_, script, message) => {
    await expect(startServer({ command: node(script) })).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringMatching(message),
    });
  });

  it('is told when it does not listen in time, and is killed', async () => {
    const script = 'console.log(process.pid); process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)';
    const error = await startServer({ command: node(script), readyTimeoutMs: 1000 }).catch((reason: Error) => reason);
    expect(String(error)).toMatch(
      /the server did not listen on 127\.0\.0\.1:\d+ within 1000 ms, which is its \{port\}; it wrote:\n {2}\d+$/,
    );
    expect(isAlive(/\d+$/.exec(String(error))?.[0] ?? '0')).toBe(false);
  });

  it('is told when there is no such program', async () => {
    await expect(startServer({ command: '/nonexistent/server {port}' })).rejects.toMatchObject({
      kind: 'usage',
      message: 'cannot start the server "/nonexistent/server": there is no such program',
    });
  });

  it('is told when somebody else listens on the port that it has to have', async () => {
    await using other = await startServer({ command: node(TELLS) });
    const { port } = other;
    await expect(startServer({ command: node(TELLS), port })).rejects.toMatchObject({
      kind: 'unreachable',
      message: `cannot start the server on 127.0.0.1:${port}: somebody else listens there`,
    });
  });

  it('is tried on another port when somebody else has taken the one that was free, three times in all', async () => {
    await using other = await startServer({ command: node(TELLS) });
    vi.mocked(freePort).mockResolvedValueOnce(other.port).mockResolvedValueOnce(other.port);
    await using server = await startServer({ command: node(TELLS) });
    expect(server.port).not.toBe(other.port);
    for (let i = 0; i < 3; i++) vi.mocked(freePort).mockResolvedValueOnce(other.port);
    await expect(startServer({ command: node(TELLS) })).rejects.toThrow('somebody else listens there');
  });
});

describe('the exit of the harness', () => {
  it('kills the server', async () => {
    const module = new URL('../../../dist/src/scenario/net/server-process.js', import.meta.url).href;
    const script = `const { startServer } = await import(${JSON.stringify(module)});
      const server = await startServer({ command: ${JSON.stringify(node(TELLS))} });
      console.log(server.port);
      process.exit(0);`;
    const harness = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    let port = '';
    harness.stdout.on('data', (chunk) => {
      port += String(chunk);
    });
    await once(harness, 'close');
    expect(Number(port)).toBeGreaterThan(0);
    await expect.poll(() => isListening(Number(port))).toBe(false);
  });
});
