import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { childrenOf, isThere } from '../support/child-processes.js';
import { EXTENSIONS, spawnExample, startExample } from '../support/example.js';
import { patiently } from '../support/patiently.js';
import { describeWithPhp } from '../support/php.js';

describeWithPhp('npm run example', () => tests(), EXTENSIONS);

function tests(): void {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('says where the page is, and leaves nothing behind at %s', async (signal) => {
    const place = await mkdtemp(join(tmpdir(), 'wsn-example-'));
    try {
      const running = spawnExample(['--port', '0', '--broker-port', '0'], { TMPDIR: place });
      const [, url = ''] = await running.waitFor(/^the example runs at (http:\/\/127\.0\.0\.1:\d+): open it in two windows\n/m);
      expect(await (await fetch(url)).text()).toContain('<title>Messages</title>');
      const children = childrenOf(running.pid);
      expect(children.size).toBe(3);
      running.kill(signal);
      expect(await running.exit).toMatchObject({ code: 0, stderr: '' });
      expect([...children.keys()].filter(isThere)).toEqual([]);
      expect(await readdir(place)).toEqual([]);
    } finally {
      await rm(place, { recursive: true });
    }
  });

  it('leaves nothing behind at Ctrl-C before it has started', async () => {
    const place = await mkdtemp(join(tmpdir(), 'wsn-example-'));
    try {
      const running = spawnExample(['--port', '0', '--broker-port', '0'], { TMPDIR: place });
      await patiently(() => readdirSync(place).length > 0, 'its first folder');
      running.kill('SIGINT');
      expect(await running.exit).toMatchObject({ code: 0, stderr: '' });
      expect(await readdir(place)).toEqual([]);
    } finally {
      await rm(place, { recursive: true });
    }
  });

  it.each([
    ['broker', /wsn\.js/],
    ['API', /index\.php/],
    ['worker', /worker\.php/],
  ])('ends all when the %s dies, and says so in a line', async (name, command) => {
    await using example = await startExample();
    const children = childrenOf(example.running.pid);
    const [victim = 0] = [...children].find(([, line]) => command.test(line)) ?? [];
    process.kill(victim, 'SIGKILL');
    const { code, stderr } = await example.running.exit;
    expect(stderr).toBe(`the ${name} was ended by SIGKILL: the others are ended, too\n`);
    expect(code).toBe(1);
    await patiently(() => ![...children.keys()].some(isThere), 'the end of its processes');
  });

  it('goes on with the messages and the log of a folder', async () => {
    const data = await mkdtemp(join(tmpdir(), 'wsn-example-'));
    try {
      const message = { channelId: '2', author: 'Anna', text: 'kept' };
      {
        await using example = await startExample(['--data', data]);
        expect(await example.post(message)).toMatchObject({ status: 201, body: { isPublished: true } });
      }
      await using example = await startExample(['--data', data]);
      const second = await spawnExample(['--port', '0', '--broker-port', '0', '--data', data]).exit;
      expect(second.stderr).toMatch(/^\S+ is in use by another broker \(process \d+\); give each its own --data\n$/);
      expect(await (await fetch(`${example.url}/api/channels/2/messages`)).json()).toMatchObject({ messages: [message] });
      expect((await readdir(data)).sort()).toEqual(expect.arrayContaining(['broker', 'messages.sqlite']));
    } finally {
      await rm(data, { recursive: true });
    }
  });

  it.each([
    ['--port', ['--broker-port', '0']],
    ['--broker-port', ['--port', '0']],
  ])('says when the port of %s is taken', async (option, others) => {
    const taken = createServer();
    await once(taken.listen(0, '127.0.0.1'), 'listening');
    const { port } = taken.address() as AddressInfo;
    try {
      const { code, stderr } = await spawnExample([option, String(port), ...others]).exit;
      expect(stderr).toBe(`something listens on port ${port} already: choose another with ${option}, or 0 for any free one\n`);
      expect(code).toBe(1);
    } finally {
      taken.close();
    }
  });

  it.each([
    ['there is no php', [], { PATH: '/nowhere' }, /^there is no php on the PATH: install it \(Debian: apt-get install php-cli /],
    ['a port is none', ['--port', '80800'], {}, /^expected a port from 0 to 65535 in --port, found "80800"\n$/],
    ['an option is unknown', ['--prot', '1'], {}, /^Unknown option '--prot'; --help shows what there is\n$/],
  ])('says in a line what to do when %s', async (_, args, env, line) => {
    const { code, stderr, stdout } = await spawnExample(args, env).exit;
    expect(stderr).toMatch(line);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect([code, stdout]).toEqual([1, '']);
  });

  it.each([
    ['does not run', 'echo "no such library" >&2; exit 127', 'the php on the PATH does not run: no such library\n'],
    ['is too old', 'echo 70333 curl pdo_sqlite', 'the php on the PATH is not PHP 7.4 or newer: install that\n'],
    ['does not say what it is', 'echo Warning: curl pdo_sqlite', 'the php on the PATH is not PHP 7.4 or newer: install that\n'],
    ['lacks an extension', 'echo 80300 curl', 'php has no extension pdo_sqlite: install it (Debian: apt-get install php-sqlite3)\n'],
  ])('says in a line what to do when PHP %s', async (_, script, line) => {
    const place = await mkdtemp(join(tmpdir(), 'wsn-example-'));
    try {
      await writeFile(join(place, 'php'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      expect(await spawnExample([], { PATH: place }).exit).toMatchObject({ code: 1, stdout: '', stderr: line });
    } finally {
      await rm(place, { recursive: true });
    }
  });
}
