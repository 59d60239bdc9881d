import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { describeOnTerminal, plain } from '../../support/pty.js';
import { folder } from '../settings/given.js';

describeOnTerminal('a broker in a terminal', (spawnOnTerminal) => {
  it('reads its settings again at a SIGHUP that somebody sends, and says goodbye at that of the end of its terminal', async () => {
    using dir = folder();
    const file = dir.write('wsn.yaml', 'listen: { host: 127.0.0.1, port: 0 }\n');
    await using running = spawnOnTerminal(['serve', '--config', file]);
    const [, url = ''] = await running.waitFor(/listening on \S*?(ws:[0-9./:]+)/);
    const peer = new WebSocket(url);
    await new Promise((resolve) => peer.once('open', resolve));
    const closed = new Promise((resolve) => peer.once('close', resolve));

    // It is the child of `script`, into which the shell has turned.
    const broker = Number(readFileSync(`/proc/${running.pid}/task/${running.pid}/children`, 'utf8').trim());
    process.kill(broker, 'SIGHUP');
    await running.waitFor(/reloaded/);
    expect(plain(running.stdout)).toContain('reloaded: nothing has changed');
    expect(peer.readyState).toBe(WebSocket.OPEN);

    running.kill('SIGKILL'); // nobody holds the other end of the terminal any more
    expect(await closed).toBe(1001);
    await expect.poll(() => isRunning(broker), { timeout: 5000 }).toBe(false);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
