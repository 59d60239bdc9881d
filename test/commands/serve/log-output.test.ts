import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LogOutput } from '../../../src/commands/serve/log-output.js';
import { spawnWsn } from '../../support/wsn.js';

const MODULE = fileURLToPath(new URL('../../../dist/src/commands/serve/log-output.js', import.meta.url));

let folder = '';
let fd = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wsn-log-'));
  fd = openSync(join(folder, 'log'), 'w');
});
afterEach(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

const written = () => readFileSync(join(folder, 'log'), 'utf8');

/** A process of its own whose log goes to `stdout`. */
function run(script: string, stdout: 'pipe' | number): ChildProcess {
  const source = `import { LogOutput } from ${JSON.stringify(MODULE)}; const log = new LogOutput(1); ${script}`;
  return spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', stdout, 'ignore'] });
}

describe('lines', () => {
  test('of one turn leave together at its end, in their order', async () => {
    const output = new LogOutput(fd);
    for (const line of ['a\n', 'é\n', 'c\n']) output.write(line);
    expect(written()).toBe('');
    await endOfTurn();
    expect(written()).toBe('a\né\nc\n');
    output.write('d\n');
    await endOfTurn();
    expect(written()).toBe('a\né\nc\nd\n');
  });

  test('leave within a turn that writes more than 64 KiB', () => {
    const output = new LogOutput(fd);
    const line = `${'x'.repeat(999)}\n`;
    for (let count = 0; count < 100; count++) output.write(line);
    expect(written().length).toBe(66_000);
    output.flush();
    expect(written()).toBe(line.repeat(100));
  });

  test('that cannot be written are lost, and nothing is thrown', async () => {
    const readOnly = openSync(join(folder, 'log'), 'r');
    const output = new LogOutput(readOnly);
    output.write('a\n');
    await endOfTurn();
    closeSync(readOnly);
    expect(written()).toBe('');
  });
});

describe('nothing is lost when the process ends', () => {
  test.each([
    ['by itself', "log.write('last\\n');", 0],
    ['by process.exit', "setTimeout(() => { log.write('last\\n'); process.exit(3); });", 3],
    ['by an exception', "setTimeout(() => { log.write('last\\n'); throw new Error('a bug'); });", 1],
    ['by a rejection', "setTimeout(async () => { log.write('last\\n'); throw new Error('a bug'); });", 1],
  ])('%s in the very turn of its last line', async (_, script, code) => {
    const child = run(`log.write('first\\n'); ${script}`, fd);
    expect(await once(child, 'exit')).toEqual([code, null]);
    expect(written()).toBe('first\nlast\n');
  });
});

describe('a reader that pauses', () => {
  const WRITE = "for (let n = 1; n <= 20000; n++) log.write(n + 'x'.repeat(50) + '\\n');";
  test.each([
    ['in which a write waits', `import { LogOutput } from ${JSON.stringify(MODULE)}; const log = new LogOutput(1); ${WRITE}`],
    [
      'in which a write must not wait',
      `import { constants, openSync } from 'node:fs'; import { LogOutput } from ${JSON.stringify(MODULE)};
       const log = new LogOutput(openSync('/dev/stdout', constants.O_WRONLY | constants.O_NONBLOCK)); ${WRITE}`,
    ],
  ])('loses nothing of more than its pipe takes, %s', async (_, source) => {
    // Through `cat`, for what Node itself hands to a child is a socket.
    const command = ['exec "$0" --input-type=module -e "$1" | cat', process.execPath, source];
    const { stdout } = spawn('sh', ['-c', ...command], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(stdout, 'readable');
    let text = '';
    for await (const chunk of stdout.setEncoding('utf8')) text += chunk;
    const lines = text.split('\n').slice(0, -1);
    expect(lines).toHaveLength(20_000);
    expect(lines.every((line, index) => line === `${index + 1}${'x'.repeat(50)}`)).toBe(true);
  });

  test('that is gone does not end the process', async () => {
    const child = run("setInterval(() => log.write('x\\n'), 1); process.on('SIGTERM', () => process.exit(7));", 'pipe');
    await once(child.stdout as NonNullable<ChildProcess['stdout']>, 'readable');
    child.stdout?.destroy();
    const exit = once(child, 'exit');
    await once(run("log.write('fence\\n');", fd), 'exit');
    expect(child.exitCode).toBeNull();
    child.kill('SIGTERM');
    expect(await exit).toEqual([7, null]);
  });
});

describe('a broker', () => {
  const HANDSHAKE =
    'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

  test.each([
    [1, 0, ['listening', 'connected', 'draining', 'disconnected', 'stopped']],
    [2, 130, ['listening', 'connected', 'draining']],
  ])('that is ended by %i signals has logged everything up to its end', async (signals, expectedCode, expected) => {
    await using broker = spawnWsn(['serve', '--host', '127.0.0.1', '--port', '0', '--drain-timeout', signals === 1 ? '100ms' : '60s']);
    const [, port] = await broker.waitFor(/"port":(\d+)/);
    // It never answers the close frame, so only the drain's bound or a second signal ends it.
    const socket = connect({ port: Number(port), host: '127.0.0.1' });
    socket.write(HANDSHAKE);
    await once(socket, 'data');
    for (let count = 0; count < signals; count++) {
      broker.kill('SIGINT');
      await broker.waitFor(/"draining"/);
    }
    const { code, stdout } = await broker.exit;
    socket.destroy();
    const lines = stdout.split('\n').slice(0, -1);
    expect([code, lines.map((line) => JSON.parse(line).msg)]).toEqual([expectedCode, expected]);
  });
});
