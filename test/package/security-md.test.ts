import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createProgram } from '../../src/commands/program.js';
import { signWith } from '../server/identity/support.js';
import { startTestBroker } from '../support/broker.js';
import { createClient } from '../support/one-set-client.js';
import { connectV1, TOPIC } from '../support/peers.js';
import { describeWithPhp } from '../support/php.js';
import { environment, runWsn, spawnWsn, WSN } from '../support/wsn.js';

const PAGE = readFileSync('docs/security.md', 'utf8');
const SECURITY = readFileSync('SECURITY.md', 'utf8');
const SETTINGS = readFileSync('docs/configuration.md', 'utf8');
const PROTOCOL = readFileSync('PROTOCOL.md', 'utf8');

/** What stands in backticks outside of blocks, in both pages. */
const NAMED = [...(PAGE + SECURITY).replace(/^```.*?^```$/gms, '').matchAll(/`([^`]+)`/g)].map(([, text]) => text as string);

/** The rows of threats: what, its control, rules (– where it is none of the protocol), tests. */
const THREATS = PAGE.split('\n')
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  .filter((cells) => cells.length === 4 && !/^(threat|-+)$/.test(cells[0] as string));

/** The one block of a language that has `part` in it. */
function block(language: string, part: string): string {
  const found = [...PAGE.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, name, text]) => name === language && text?.includes(part));
  expect(found, part).toHaveLength(1);
  return found[0]?.[2] as string;
}

/** Long options of a command and of those below it. */
function flagsOf(command: Command): readonly string[] {
  return [...command.options.map(({ long }) => long as string), ...command.commands.flatMap(flagsOf)];
}

describe('docs/security.md', () => {
  it('names for every threat a control, rules that there are, and tests that exist', () => {
    expect(THREATS.length).toBeGreaterThan(30);
    for (const [threat, control, rules, tests] of THREATS as [string, string, string, string][]) {
      expect(control, threat).not.toBe('');
      for (const rule of rules === '–' ? [] : rules.split(', ')) expect(PROTOCOL, threat).toContain(`### ${rule} `);
      const files = [...tests.matchAll(/`([^`]+)`/g)].map(([, file]) => file as string);
      expect(tests, threat).toBe(files.map((file) => `\`${file}\``).join(', '));
      for (const file of files) expect(file, threat).toMatch(/^test\/.*\.test\.ts$/);
      expect(files.filter((file) => !existsSync(file))).toEqual([]);
    }
  });

  it('names settings that there are', () => {
    const groups = [...SETTINGS.matchAll(/^### (\w+)$/gm)].map(([, group]) => group);
    const settings = NAMED.flatMap((text) => new RegExp(`^(?:${groups.join('|')})\\.\\w+`).exec(text)?.[0] ?? []);
    expect(settings.length).toBeGreaterThan(40);
    for (const name of settings) expect(SETTINGS).toContain(`| \`${name}\` |`);
  });

  it('names flags, and commands, that there are', () => {
    const program = createProgram();
    const flags = new Set([...flagsOf(program), '--version']);
    for (const text of NAMED) for (const [flag] of text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)) expect([...flags]).toContain(flag);
    for (const text of NAMED) {
      const [, name] = /^wsn ([a-z]+)/.exec(text) ?? [];
      if (name !== undefined) expect(program.commands.map((command) => command.name())).toContain(name);
    }
  });

  it('points to files that exist', () => {
    const targets = (page: string, folder: string) =>
      [...page.matchAll(/\]\(([^)#]+)\)/g)]
        .map(([, target]) => target as string)
        .filter((target) => !target.startsWith('https:'))
        .map((target) => join(folder, target));
    expect([...targets(PAGE, 'docs'), ...targets(SECURITY, '.')].filter((target) => !existsSync(target))).toEqual([]);
  });
});

describe('what docs/security.md tells to do', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'wsn-security-'));
    writeFileSync(join(folder, 'wsn'), `#!/bin/sh\nexec '${process.execPath}' '${WSN}' "$@"\n`, { mode: 0o755 });
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs commands of the page; resolves with their stdout. */
  async function shell(commands: string): Promise<string> {
    const env = environment({ PATH: [folder, process.env.PATH].join(delimiter) });
    const { stdout } = await promisify(execFile)('bash', ['-e', '-c', commands], { cwd: folder, env, timeout: 20_000 });
    return stdout;
  }

  it('closes a broker, and shows that it is closed', async () => {
    await shell(block('sh', 'umask 077'));
    for (const name of ['secret.txt', 'php.key']) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    const [digest = ''] = /\b[0-9a-f]{64}\b/.exec(readFileSync(join(folder, 'php.digest'), 'utf8')) ?? [];
    const settings = block('yaml', 'publishHost')
      .replace(/sha256: [0-9a-f]{64}/, `sha256: ${digest}`)
      .replace('publishHost: 10.0.0.5 ', 'publishHost: 127.0.0.1 ')
      .replace(/ort: 800[01]/g, 'ort: 0');
    writeFileSync(join(folder, 'wsn.yaml'), settings);
    const [check = '', serve = ''] = block('sh', 'wsn config check').split('\n');
    await shell(check);
    const [, ...args] = serve.split(' ');
    await using broker = spawnWsn(args, { cwd: folder });
    await broker.waitFor(/"listening"/);
    const said = JSON.parse(broker.stdout.split('\n')[0] as string) as { port: number; publish: string };
    expect(said).toMatchObject({ open: expect.stringContaining('publishing is open to nobody, subscribing to nobody') });
    const commands = block('sh', 'healthz')
      .replaceAll('127.0.0.1:8000', `127.0.0.1:${said.port}`)
      .replaceAll('10.0.0.5:8001', said.publish);
    expect(await shell(commands)).toBe('200\n401\n403\n');
    await broker.waitFor(/"identity":"key:php"/);
  });

  it('shows that a grant and a subscription both have to match', async () => {
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
    const { wsn } = JSON.parse(block('json', '"exp"')) as { wsn: { subscribe: object[] } };
    write('secret.txt', 'a secret of 32 bytes, and of more');
    const grants = JSON.stringify(wsn.subscribe);
    const minted = await runWsn(['token', 'mint', '--secret-file', join(folder, 'secret.txt'), '--sub', '5', '--subscribe', grants]);
    write('anna.jwt', minted.stdout);
    write('subscription.json', block('json', '"line"'));
    const command = block('sh', 'wsn explain');
    const explain = async (values: string, more = '') => {
      write('notification.json', JSON.stringify({ package: 'amaiia_msg_srv', page: 'messages', filters: { values } }));
      return shell(`${command.trim().replace(more, '')} >/dev/null; echo 0`).catch((error: { code: number }) => error.code);
    };
    expect(await explain('7', '--token @anna.jwt ')).toBe('0\n');
    expect(await explain('7')).toBe(4);
    expect(await explain('2')).toBe('0\n');
  });

  it('lets the client library bring a token as a subprotocol (R-7.2)', async () => {
    const secret = 'a secret of 32 bytes, and of more';
    await using broker = await startTestBroker({ authSecret: secret });
    const token = await signWith(secret, { wsn: { subscribe: [TOPIC] } });
    expect(PAGE).toContain("['wsn.v1', 'wsn.token.' + token]");
    const client = createClient({ url: broker.url, WebSocket, protocols: ['wsn.v1', `wsn.token.${token}`] });
    await client.subscribe([TOPIC]);
    await client.close();
  });

  describeWithPhp('in PHP', (php) => {
    it('makes a token that the broker takes', async () => {
      const file = join(folder, 'secret.txt');
      writeFileSync(file, 'a secret of 32 bytes, and of more\n');
      await using broker = await startTestBroker({ authSecretFile: file });
      const code = block('php', 'wsn_token')
        .replace("'token.php'", "'examples/php/token.php'")
        .replace("'secret.txt'", JSON.stringify(file));
      const { stdout, stderr } = await php(['-r', code]);
      expect(stderr).toBe('');
      await using _ = await connectV1(broker, { headers: { Authorization: `Bearer ${stdout}` } });
    });
  });
});
