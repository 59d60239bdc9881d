import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderOf } from '../support/certificates.js';
import { runWsn } from '../support/wsn.js';
import { messageFor } from './publish.js';

const SECRET = 'a secret of the tests that is long enough for HS256';
const topic = { package: 'amaiia_msg_srv', page: 'messages' };
const channel2 = { ...topic, filters: { values: { channel: ['2'] } } };

function sign(wsn: object | undefined, secret = SECRET): Promise<string> {
  return new SignJWT(wsn === undefined ? {} : { wsn }).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(secret));
}

let files: ReturnType<typeof folderOf>;
beforeAll(async () => {
  files = folderOf({
    'secret.txt': SECRET,
    'all.json': JSON.stringify(topic),
    'line-7.json': JSON.stringify({ ...topic, filters: { values: { line: ['7'] } } }),
    'n2.json': JSON.stringify(messageFor('2', '1')),
    'n3.json': JSON.stringify(messageFor('3', '1')),
    'narrow.jwt': await sign({ subscribe: [channel2], publish: [{ package: '*', page: '*' }] }),
    'any.jwt': await sign({ subscribe: [{ package: 'amaiia_msg_srv', page: '*' }] }),
    'empty.jwt': await sign(undefined),
    'other.jwt': await sign({ subscribe: [topic] }, `${SECRET}, and another one`),
    'bad.jwt': await sign({ subscribe: [{ package: 'p' }] }),
    'expired.jwt': await new SignJWT({ wsn: { subscribe: [topic] }, exp: Math.floor(Date.now() / 1000) - 7200 })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(Buffer.from(SECRET)),
  });
});
afterAll(() => files[Symbol.dispose]());

function explain(subscription: string, notification: string, token: string, ...more: string[]) {
  return runWsn(['explain', '-s', subscription, '-n', notification, '--token', `@${token}`, ...more], { cwd: files.path('.') });
}

describe('wsn explain --token', () => {
  it('says what a grant lets through, and what both come to (R-7.3)', async () => {
    const { code, stdout, stderr } = await explain('all.json', 'n2.json', 'any.jwt');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe(
      [
        '✓ subscriptions[0]: the subscription matches: the topic is equal and there are no filters',
        '  ✓ package  "amaiia_msg_srv" is equal',
        '  ✓ page     "messages" is equal',
        '',
        '✓ grants[0]: the grant lets it through',
        '  ✓ package  "amaiia_msg_srv" is equal',
        '  ✓ page     any page is granted (*)',
        '',
        'A subscription matches (0) and a grant lets it through (0): the notification is delivered.',
        'The token may not publish this notification.',
        'The signature of the token was not checked: --secret-file, --public-key or --jwks would.',
        '',
      ].join('\n'),
    );
  });

  it.each([
    ['all.json', 'n3.json', 'narrow.jwt', 'A subscription matches (0) but no grant lets it through: the notification is not delivered.'],
    ['line-7.json', 'n2.json', 'narrow.jwt', 'No subscription matches but a grant lets it through (0): the notification is not delivered.'],
    ['line-7.json', 'n3.json', 'narrow.jwt', 'No subscription matches and no grant lets it through: the notification is not delivered.'],
    [
      'all.json',
      'n2.json',
      'empty.jwt',
      'A subscription matches (0) but there is no grant that lets it through: the notification is not delivered.',
    ],
  ])('%s, %s and %s: exit 4 (R-7.3)', async (subscription, notification, token, line) => {
    const { code, stdout } = await explain(subscription, notification, token);
    expect(code).toBe(4);
    expect(stdout).toContain(`\n${line}\n`);
  });

  it('checks the token when it is given a key, and says what it may publish (R-7.2)', async () => {
    const { code, stdout } = await explain('all.json', 'n2.json', 'narrow.jwt', '--secret-file', 'secret.txt');
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nThe token may publish this notification\.\nThe token is genuine: a broker with this key takes it\.\n$/);
    const refused = await explain('all.json', 'n2.json', 'other.jwt', '--secret-file', 'secret.txt');
    expect([refused.code, refused.stdout]).toEqual([4, '']);
    expect(refused.stderr).toMatch(/^wsn: a broker with this key refuses the token: .+\n$/);
  });

  it('without a subscription tells what the grants let through (R-7.3)', async () => {
    const about = (notification: string, ...more: string[]) =>
      runWsn(['explain', '-n', notification, '--token', '@narrow.jwt', ...more], { cwd: files.path('.') });
    const heard = await about('n2.json');
    expect([heard.code, heard.stderr]).toEqual([0, '']);
    expect(heard.stdout).toMatch(/^✓ grants\[0\]: the grant lets it through\n/);
    expect(heard.stdout).toContain(
      '\n\nA grant lets it through (0): the token may hear this notification.\nThe token may publish this notification.\n',
    );
    const kept = await about('n3.json');
    expect(kept.code).toBe(4);
    expect(kept.stdout).toContain('\n\nNo grant lets it through: the token may not hear this notification.\n');
    const json = JSON.parse((await about('n2.json', '--json')).stdout);
    expect(json).toMatchObject({ matches: true, granting: [0], mayPublish: true });
    expect(json).not.toHaveProperty('matching');
  });

  it('takes the token of WSN_TOKEN, and of an empty one nothing', async () => {
    const run = (variable: string) => runWsn(['explain', '-n', 'n3.json'], { cwd: files.path('.'), env: { WSN_TOKEN: variable } });
    await expect(run('@narrow.jwt')).resolves.toMatchObject({ code: 4, stderr: '' });
    await expect(run('')).resolves.toMatchObject({
      code: 2,
      stderr: 'wsn: there is nothing to compare the notification with: give --subscription, --token or both\n',
    });
  });

  it('passes over a token of the environment that is no JWT, where there is a subscription to tell of', async () => {
    const run = (...args: string[]) =>
      runWsn(['explain', '-n', 'n2.json', ...args], { cwd: files.path('.'), env: { WSN_TOKEN: 'an-opaque-one' } });
    const { stdout, ...rest } = await run('-s', 'all.json');
    expect(rest).toMatchObject({ code: 0, stderr: '' });
    expect(stdout).not.toContain('grant');
    const why = 'is no JWT: found no dot, expected HEADER.CLAIMS.SIGNATURE';
    await expect(run()).resolves.toMatchObject({ code: 2, stdout: '', stderr: `wsn: WSN_TOKEN ${why}\n` });
    await expect(run('-s', 'all.json', '--token', 'typed')).resolves.toMatchObject({ code: 2, stderr: `wsn: --token ${why}\n` });
  });

  it('says that a token has expired (R-7.4)', async () => {
    const { code, stdout } = await explain('all.json', 'n2.json', 'expired.jwt');
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nThe token has expired: 2 h ago, at \d{4}-\S+Z\.\nThe signature of the token was not checked/);
    expect((await explain('all.json', 'n2.json', 'any.jwt')).stdout).not.toContain('expired');
  });

  it('prints the same as one JSON object', async () => {
    const { code, stdout } = await explain('all.json', 'n3.json', 'narrow.jwt', '--json');
    expect(code).toBe(4);
    expect(JSON.parse(stdout)).toMatchObject({
      matches: false,
      matching: [0],
      granting: [],
      grants: [{ accepted: false, what: 'grant' }],
      mayPublish: true,
      isVerified: false,
    });
  });

  it('refuses a token whose grants no broker takes', async () => {
    await expect(explain('all.json', 'n2.json', 'bad.jwt')).resolves.toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'wsn: --token has a claim that no broker takes: /wsn/subscribe/0/page: expected a name or "*", found nothing\n',
    });
  });
});
