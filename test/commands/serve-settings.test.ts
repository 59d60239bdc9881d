import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { spawnWsn } from '../support/wsn.js';
import { folder } from './settings/given.js';

const LOCAL = 'listen: { host: 127.0.0.1, port: 0 }\n';

describe('wsn serve with a file', () => {
  it('finds wsn.yaml in its folder and says so', async () => {
    using dir = folder();
    dir.write('wsn.yaml', `${LOCAL}anonymous:\n  publish: none\nlimits:\n  connections: 0\n`);
    await using running = spawnWsn(['serve'], { cwd: dir.path });
    const [line] = await running.waitFor(/^\{.*"msg":"listening"\}$/m);
    expect(JSON.parse(line)).toMatchObject({
      host: '127.0.0.1',
      open: 'publishing is open to nobody, subscribing to this machine',
      unlimited: ['limits.connections'],
      config: 'wsn.yaml',
    });
  });

  it('says it in the line for people, too', async () => {
    using dir = folder();
    dir.write('wsn.yml', LOCAL);
    await using running = spawnWsn(['serve', '--log-format', 'pretty'], { cwd: dir.path });
    await running.waitFor(/^wsn listening on \S+ · try: .* · publishing is open to this machine only, .* · configured by wsn\.yml$/m);
  });

  it('warns of a variable that is nearly a setting', async () => {
    using dir = folder();
    await using running = spawnWsn(['serve'], { cwd: dir.path, env: { WSN_PORT: '0', WSN_HOST: '127.0.0.1', WSN_TOLERNT: '1' } });
    await running.waitFor(/"level":"warn".*"msg":"WSN_TOLERNT is no setting: did you mean WSN_TOLERANT\?"/);
  });
});

describe.skipIf(process.platform === 'win32')('SIGHUP', () => {
  it('reads the file again, applies it or nothing, and keeps every connection', async () => {
    using dir = folder();
    dir.write('wsn.yaml', LOCAL);
    await using running = spawnWsn(['serve'], { cwd: dir.path });
    const [line] = await running.waitFor(/^\{.*"msg":"listening"\}$/m);
    const peer = new WebSocket((JSON.parse(line) as { url: string }).url);
    await new Promise((resolve) => peer.once('open', resolve));
    let hasClosed = false;
    peer.once('close', () => {
      hasClosed = true;
    });

    running.kill('SIGHUP');
    await running.waitFor(/"msg":"reloaded: nothing has changed"/);
    dir.write('wsn.yaml', `${LOCAL}limits: { message: 2KiB }\n`);
    running.kill('SIGHUP');
    await running.waitFor(/"changed":\["limits\.message"\],"msg":"reloaded"/);
    dir.write('wsn.yaml', 'listen: { host: 127.0.0.1, port: 1 }\n');
    running.kill('SIGHUP');
    await running.waitFor(/"problem":"listen\.port can change at a restart only","msg":"reload refused: nothing was applied"/);
    dir.write('wsn.yaml', `${LOCAL}limits: { mesage: 2KiB }\n`);
    running.kill('SIGHUP');
    await running.waitFor(/"problem":"wsn\.yaml:2:11: there is no member \\"mesage\\": did you mean \\"message\\"\?"/);

    rmSync(join(dir.path, 'wsn.yaml'));
    running.kill('SIGHUP');
    await running.waitFor(/"problem":"wsn\.yaml: there is no such file"/);

    const pong = new Promise((resolve) => peer.once('pong', resolve));
    peer.ping();
    await pong;
    expect(hasClosed).toBe(false);
    running.kill('SIGTERM');
    await expect(running.exit).resolves.toMatchObject({ code: 0, stderr: '' });
  });

  it('changes how much is logged', async () => {
    using dir = folder();
    dir.write('wsn.yaml', `${LOCAL}log: { level: error }\n`);
    await using running = spawnWsn(['serve'], { cwd: dir.path });
    const [line] = await running.waitFor(/^\{.*"msg":"listening"\}$/m);
    dir.write('wsn.yaml', `${LOCAL}log: { level: info }\n`);
    running.kill('SIGHUP');
    await running.waitFor(/"changed":\["log\.level"\],"msg":"reloaded"/);
    const peer = new WebSocket((JSON.parse(line) as { url: string }).url);
    await running.waitFor(/"msg":"connected"/);
    peer.terminate();
  });

  it('several at once do not end the broker', async () => {
    using dir = folder();
    dir.write('wsn.yaml', LOCAL);
    await using running = spawnWsn(['serve'], { cwd: dir.path });
    await running.waitFor(/"msg":"listening"/);
    for (let signals = 0; signals < 5; signals++) running.kill('SIGHUP');
    await running.waitFor(/"msg":"reloaded: nothing has changed"/);
    running.kill('SIGTERM');
    await expect(running.exit).resolves.toMatchObject({ code: 0 });
  });
});
