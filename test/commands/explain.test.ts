import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runWsn } from '../support/wsn.js';
import { messageFor } from './publish.js';

const wish = { package: 'amaiia_msg_srv', page: 'messages', filters: { values: { channel: ['2', '3', '5'] } } };
const other = { package: 'amaiia_msg_srv', page: 'machines' };

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wsn-explain-'));
  const files = {
    'one.json': wish,
    'set.json': [other, wish],
    'message.json': { sender: 'client', subscriptions: [other, wish] },
    'empty.json': [],
    'bare.json': messageFor('2', '1'),
    'wrapped.json': { sender: 'server', notification: messageFor('2', '1') },
    'channel-4.json': messageFor('4', '1'),
    'padded.json': messageFor('02', '1'),
    'list.json': { notifications: [messageFor('2', '1')] },
    'no-page.json': { sender: 'client', subscriptions: [{ package: 'p' }] },
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), JSON.stringify(content));
  await writeFile(join(folder, 'broken.json'), '[\n  {"package": "p",\n   "page" "q"}\n]');
});
afterAll(() => rm(folder, { recursive: true }));

function explain(subscription: string, notification: string, ...more: string[]) {
  return runWsn(['explain', '--subscription', subscription, '--notification', notification, ...more], { cwd: folder });
}

describe('wsn explain', () => {
  it('prints why a subscription matches, and exits with 0 (R-3.2)', async () => {
    const { code, stdout, stderr } = await explain('one.json', 'bare.json');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe(
      [
        '✓ the subscription matches: the topic is equal and every filter accepts',
        '  ✓ package         "amaiia_msg_srv" is equal',
        '  ✓ page            "messages" is equal',
        '  ✓ filters.values  "2" is a plain value, and one member wanted accepts it',
        '    ✓ filters.values.channel  "2" is one of ["2","3","5"]',
        '',
      ].join('\n'),
    );
  });

  it('prints why it does not, and exits with 4', async () => {
    const { code, stdout } = await explain('one.json', 'channel-4.json');
    expect(code).toBe(4);
    expect(stdout).toContain('✗ the subscription does not match: 1 of 3 conditions refused');
    expect(stdout).toContain('✗ filters.values.channel  "4" is none of ["2","3","5"]');
  });

  it('hints at what was probably meant (R-3.3)', async () => {
    const { stdout } = await explain('one.json', 'padded.json');
    expect(stdout).toContain('hint: "2" is not "02": values are compared as text, so every digit counts');
  });

  it.each(['set.json', 'message.json'])('says which subscription of %s matches', async (set) => {
    const { code, stdout } = await explain(set, 'wrapped.json');
    expect(code).toBe(0);
    expect(stdout).toContain('✗ subscriptions[0]: the subscription does not match');
    expect(stdout).toContain('✓ subscriptions[1]: the subscription matches');
    expect(stdout).toMatch(/\n1 of 2 matches \(1\): the notification is delivered once\.\n$/);
  });

  it('says that no subscription of a set matches, or that it is empty', async () => {
    const none = await explain('set.json', 'channel-4.json');
    expect([none.code, none.stdout.split('\n').at(-2)]).toEqual([4, 'None of 2 matches: the notification is not delivered.']);
    await expect(explain('empty.json', 'bare.json')).resolves.toMatchObject({ code: 4, stdout: 'The set is empty: it matches nothing.\n' });
  });

  it('prints the same as one JSON object with --json', async () => {
    const { code, stdout } = await explain('set.json', 'bare.json', '--json');
    expect(code).toBe(0);
    const answer = JSON.parse(stdout);
    expect(answer).toMatchObject({ matches: true, matching: [1], subscriptions: [{ accepted: false }, { accepted: true }] });
    expect(stdout.trim()).not.toContain('\n');
  });

  it('reads one of the two from stdin, not both', async () => {
    const args = ['explain', '--subscription', join(folder, 'one.json'), '--notification', '-'];
    await expect(runWsn(args, { input: JSON.stringify(messageFor('5', '1')) })).resolves.toMatchObject({ code: 0 });
    const both = await explain('-', '-');
    expect([both.code, both.stderr]).toEqual([
      2,
      'wsn: stdin can be the subscription or the notification, not both: give one of them a file\n',
    ]);
  });

  it.each([
    ['missing.json', 'bare.json', 'wsn: cannot read missing.json: there is no such file\n'],
    ['broken.json', 'bare.json', 'wsn: broken.json:3:11: not JSON: expected ":"\n'],
    ['no-page.json', 'bare.json', 'wsn: no-page.json: /subscriptions/0/page: expected a non-empty string, found nothing\n'],
    ['wrapped.json', 'bare.json', 'wsn: wrapped.json: /sender: expected "client": this is a publisher\'s message\n'],
    ['one.json', 'message.json', 'wsn: message.json: /sender: expected "server", found "client"\n'],
    ['one.json', 'list.json', 'wsn: list.json: expected one notification, found a list of 1\n'],
  ])('%s with %s is one line and exit 2', async (subscription, notification, line) => {
    await expect(explain(subscription, notification)).resolves.toMatchObject({ code: 2, stdout: '', stderr: line });
  });

  it('escapes what could act on the terminal', async () => {
    const input = JSON.stringify({ package: 'p\u009b2J', page: 'q' });
    const { stdout } = await runWsn(['explain', '-s', join(folder, 'one.json'), '-n', '-'], { input });
    expect(stdout).toContain('"p\\u009b2J" is given');
  });

  it('is coloured where that is wished', async () => {
    const { stdout } = await runWsn(['explain', '-s', 'one.json', '-n', 'bare.json'], {
      cwd: folder,
      env: { NO_COLOR: undefined, FORCE_COLOR: '1' },
    });
    expect(stdout).toContain('\u001b[32m✓');
  });
});
