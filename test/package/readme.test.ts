import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/commands/exit/exit-codes.js';
import { createProgram } from '../../src/commands/program.js';
import { startTestBroker } from '../support/broker.js';
import { said, subscriber } from '../support/peers.js';
import { describeWithPhp } from '../support/php.js';
import { environment, spawnWsn, WSN } from '../support/wsn.js';

const README = readFileSync('README.md', 'utf8');
const SECTION = /^## Closed to strangers\n(.*?)^## /ms.exec(README)?.[1] ?? '';

/** The one block of the README in a language, speaking to the broker at `url`. */
function block(language: string, url: string): string {
  const found = [...README.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, name]) => name === language);
  expect(found).toHaveLength(1);
  return (found[0]?.[2] ?? '').replaceAll('ws://127.0.0.1:8000', url);
}

/** The first cells of the table whose head begins with `head`. */
function firstCells(head: string): string[] {
  const table = README.slice(README.indexOf(`| ${head} |`)).split('\n\n')[0] as string;
  return table
    .split('\n')
    .slice(2)
    .map((row) => (row.split('|')[1] as string).trim());
}

describe('the README', () => {
  it('has a program of Node that subscribes, publishes and ends', async () => {
    await using broker = await startTestBroker();
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', block('js', broker.url)]);
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n').sort()).toEqual(['Nouveau message reçu', 'went to 1']);
  });

  it('has the notification that its commands publish', async () => {
    expect(README).toContain('wsn notify --file examples/notification.json');
    await using broker = await startTestBroker();
    const response = await fetch(`${broker.url.replace('ws:', 'http:')}/notify`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: readFileSync('examples/notification.json'),
    });
    const shown = JSON.parse(block('json', broker.url)) as { receipt: object };
    const answered = (await response.json()) as { receipt: object };
    expect(Object.keys(answered.receipt)).toEqual(Object.keys(shown.receipt));
  });

  it('closes a broker to strangers, as it stands there', async () => {
    const [make = '', use = ''] = [...SECTION.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text]) => text);
    const folder = mkdtempSync(join(tmpdir(), 'wsn-readme-'));
    try {
      cpSync('examples', join(folder, 'examples'), { recursive: true });
      writeFileSync(join(folder, 'npx'), `#!/bin/sh\nshift\nexec '${process.execPath}' '${WSN}' "$@"\n`, { mode: 0o755 });
      const run = (commands: string, more = {}) => {
        const env = environment({ PATH: [folder, process.env.PATH].join(delimiter), ...more });
        return promisify(execFile)('bash', ['-e', '-c', commands], { cwd: folder, env, timeout: 15_000 });
      };
      const lines = make.trim().split('\n');
      const serve = lines.pop()?.split(' ').slice(2) ?? [];
      await run(lines.join('\n'));
      await using broker = spawnWsn([...serve, '--host', '127.0.0.1', '--port', '0', '--log-format', 'json'], { cwd: folder });
      const [, url = ''] = await broker.waitFor(/"url":"([^"]+)"/);
      const [subscribe = '', notify = ''] = use.trim().split('\n');
      const env = { WSN_URL: url };
      const subscribed = run(`${subscribe} --count 1`, env);
      await broker.waitFor(/"subscribed"/);
      await run(notify, env);
      const { stdout, stderr } = await subscribed;
      expect(stdout).toContain('Nouveau message reçu');
      expect(stderr).toContain('your token narrows amaiia_msg_srv/messages');
      for (const command of [subscribe, notify])
        await expect(run(command.replace(/--token \S+/, ''), env)).rejects.toMatchObject({ code: EXIT.failed });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('lists every command and every exit code', () => {
    expect(firstCells('command')).toEqual(createProgram().commands.map((command) => `\`wsn ${command.name()}\``));
    expect(firstCells('exit code')).toEqual(Object.values(EXIT).map(String));
  });

  it('points to files that exist', () => {
    for (const [, target] of README.matchAll(/\]\(([^)#]+)\)/g)) expect(readFileSync(target as string).length).toBeGreaterThan(0);
  });
});

describeWithPhp("the README's PHP", (php) => {
  it('publishes', async () => {
    await using broker = await startTestBroker();
    await using peer = await subscriber(broker);
    const code = block('php', broker.url)
      .replace("'Notifier.php'", "'examples/php/Notifier.php'")
      .replace('http://127.0.0.1:8000', broker.url.replace('ws:', 'http:'));
    expect(await php(['-r', code])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await said(peer)).toMatchObject({ notification: { message: 'Nouveau message reçu' } });
  });
});
