import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/commands/program.js';
import { runWsn } from '../support/wsn.js';

const COMMANDS = ['serve', 'subscribe', 'notify', 'explain', 'bench', 'token'];

describe('wsn', () => {
  it('tells its version', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    await expect(runWsn(['--version'])).resolves.toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('shows in its help every command, a first try and the exit codes', async () => {
    const { code, stdout } = await runWsn(['--help']);
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(stdout).toContain(`  ${command} `);
    expect(stdout).toContain('wsn subscribe --package amaiia_msg_srv --channel 2');
    expect(stdout).toMatch(/8 not in time, [^.]*\b130\b/);
  });

  it.each(COMMANDS)('%s has a help of its own', async (command) => {
    const { code, stdout, stderr } = await runWsn([command, '--help']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`Usage: wsn ${command}`);
  });

  it.each([
    [['notify', '--token=', '--package', 'p'], '--token'],
    [['notify', '--api-key', '', '--package', 'p'], '--api-key'],
    [['subscribe', '--token=', '--package', 'p'], '--token'],
    [['bench', '--api-key='], '--api-key'],
    [['explain', '--token=', '-n', 'n.json'], '--token'],
    [['token', 'mint', '--issuer='], '--issuer'],
    [['token', 'mint', '--key-id', ''], '--key-id'],
    [['token', 'inspect', '--issuer=', 'a.b.c'], '--issuer'],
  ])('%j has an option without its value: nobody goes on as a stranger', async (args, option) => {
    const stderr = `wsn: ${option}: found an empty value: give it one, or leave the option out\n`;
    await expect(runWsn(args)).resolves.toMatchObject({ code: 2, stdout: '', stderr });
  });

  it('takes an empty variable for none', async () => {
    const env = { WSN_TOKEN: '', WSN_API_KEY: '' };
    const { code, stderr } = await runWsn(['notify', '--url', 'ws://127.0.0.1:1', '--package', 'p', '--no-input'], { env });
    expect([code, stderr]).toEqual([3, expect.not.stringContaining('empty value')]);
  });

  it('without a command shows its help on stderr and is a usage error', async () => {
    const { code, stdout, stderr } = await runWsn([]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Usage: wsn');
  });

  it.each([
    [['srve'], "wsn: unknown command 'srve' (did you mean serve?)\n"],
    [['serve', '--prt', '1'], "wsn: unknown option '--prt' (did you mean --port?)\n"],
    [['serve', 'x'], "wsn: too many arguments for 'serve'. Expected 0 arguments but got 1.\n"],
    [['serve', '--port'], "wsn: option '-p, --port <port>' argument missing\n"],
    [
      ['serve', '--log-level', 'loud'],
      "wsn: option '--log-level <level>' argument 'loud' is invalid. Allowed choices are debug, info, warn, error, silent.\n",
    ],
    [['explain'], "wsn: required option '-n, --notification <file>' not specified\n"],
    [['x\u001b[2J'], "wsn: unknown command 'x\\u001b[2J'\n"],
  ])('%j is one line on stderr and exit 2', async (args, line) => {
    await expect(runWsn(args)).resolves.toMatchObject({ code: 2, stdout: '', stderr: line });
  });

  it('names the variable when a value of the environment is at fault', async () => {
    await expect(runWsn(['serve'], { env: { WSN_PORT: 'x' } })).resolves.toMatchObject({
      code: 2,
      stderr: "wsn: option '-p, --port <port>' value 'x' from env 'WSN_PORT' is invalid. Expected a whole number from 0 to 65535.\n",
    });
  });

  it('has a variable of the environment for every setting, and for nothing that says what one call is to do', () => {
    const commands = new Map(createProgram().commands.map((command) => [command.name(), command.options]));
    const withoutVariable = commands.get('serve')?.filter(({ required, envVar }) => required && !envVar);
    expect(withoutVariable).toEqual([]);
    const withVariable = commands.get('subscribe')?.filter(({ envVar }) => envVar);
    expect(withVariable?.map(({ long }) => long)).toEqual(['--url', '--token', '--tls-ca']);
  });

  it('loads nothing for a help that only a command at work needs', async () => {
    const { stderr } = await runWsn(['--help'], { env: { NODE_DEBUG: 'esm,module' } });
    expect(stderr).toContain('commander');
    for (const heavy of ['node_modules/ws/', 'node_modules/pino', 'node_modules/inquirer', 'node_modules/log-update', 'node_modules/jose'])
      expect(stderr).not.toContain(heavy);
  });
});
