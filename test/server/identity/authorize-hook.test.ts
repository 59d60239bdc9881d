import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { recordingLog } from '../../support/log.js';
import { authenticatorOf, bearer, caller, identityFor, inSeconds, refusalOf, serveWeb, signWith } from './support.js';

const SECRET = 'a secret of just thirty-two byte';
const UNAVAILABLE = 'unavailable: who you are cannot be checked at the moment';
const GRANTS = { subscribe: [{ package: 'p', page: '*', filters: {} }], publish: [] };

const ok = (answer: unknown) => (response: ServerResponse) => response.end(JSON.stringify(answer));

afterEach(() => void vi.useRealTimers());

describe('the back-end', () => {
  test('is told the token, the address and the origin, and says who it is and what it may do (R-7.2, R-7.3)', async () => {
    const expiresAt = Date.now() + 60_000;
    await using server = await serveWeb(ok({ subject: '5', expiresAt, wsn: GRANTS }));
    const authenticator = await authenticatorOf({ authorizeUrl: server.url });
    const who = caller({ authorization: 'Bearer opaque', origin: 'https://app.example.org' });
    expect(await authenticator.identify(who)).toEqual({ id: 'sub:5', kind: 'token', access: GRANTS, expiresAt });
    const question = { token: 'opaque', subject: null, address: '192.0.2.7', origin: 'https://app.example.org' };
    expect(server.asked.map((body) => JSON.parse(body))).toEqual([question]);
  });

  test('may know nothing but that the token is good: no subject, no end, no grants (R-7.3)', async () => {
    for (const answer of [{}, { subject: null, expiresAt: null }]) {
      await using server = await serveWeb(ok(answer));
      const authenticator = await authenticatorOf({ authorizeUrl: server.url });
      const access = { subscribe: [], publish: [] };
      expect(await identityFor(authenticator, 'opaque')).toEqual({ id: 'token', kind: 'token', access, expiresAt: undefined });
    }
  });

  test('is asked only about verified tokens where there are keys; its grants count, the earlier end and its subject (R-7.2, R-7.4)', async () => {
    const answer = { wsn: GRANTS, expiresAt: inSeconds(1000) * 1000 };
    await using server = await serveWeb((response) => response.end(JSON.stringify(answer)));
    const authenticator = await authenticatorOf({ authSecret: SECRET, authorizeUrl: server.url });
    expect(await refusalOf(() => identityFor(authenticator, 'opaque'))).toBe('unauthenticated: the token is not a JWT');
    expect(server.asked).toHaveLength(0);
    const exp = inSeconds(100);
    const token = await signWith(SECRET, { sub: '5', exp, wsn: { publish: [{ package: '*', page: '*' }] } });
    expect(await identityFor(authenticator, token)).toEqual({ id: 'sub:5', kind: 'token', access: GRANTS, expiresAt: exp * 1000 });
    expect(JSON.parse(server.asked[0] ?? '')).toMatchObject({ token, subject: '5', origin: null });
    Object.assign(answer, { subject: 'anna' });
    const longer = await signWith(SECRET, { sub: '5', exp: inSeconds(2000) });
    expect(await identityFor(authenticator, longer)).toMatchObject({ id: 'sub:anna', expiresAt: answer.expiresAt });
  });

  test.each([
    [401, 'unauthenticated: the back-end does not know the token'],
    [403, 'forbidden: the back-end does not let this peer in'],
  ])('lets nobody in with %i, which is remembered too (R-7.2)', async (status, refusal) => {
    await using server = await serveWeb((response) => response.writeHead(status).end('for nobody'));
    const authenticator = await authenticatorOf({ authorizeUrl: server.url });
    for (let i = 0; i < 3; i++) expect(await refusalOf(() => identityFor(authenticator, 'opaque'))).toBe(refusal);
    expect(server.asked).toHaveLength(1);
  });

  test('that gives an end in the past lets nobody in (R-7.4)', async () => {
    await using server = await serveWeb(ok({ wsn: GRANTS, expiresAt: Date.now() - 1 }));
    const authenticator = await authenticatorOf({ authorizeUrl: server.url });
    expect(await refusalOf(() => identityFor(authenticator, 'opaque'))).toBe(
      'unauthenticated: the back-end says that the token has expired',
    );
  });

  test.each<[string, string, (response: ServerResponse) => void]>([
    [
      'a failure',
      'expected the status 200, 401 or 403, found 500',
      (response) => response.writeHead(500).end(JSON.stringify({ wsn: GRANTS })),
    ],
    ['no content', 'expected the status 200, 401 or 403, found 204', (response) => response.writeHead(204).end()],
    ['a redirect', 'expected the status 200, 401 or 403, found 302', (response) => response.writeHead(302, { Location: '/login' }).end()],
    ['silence', 'no answer within 150 ms', () => {}],
    ['half an answer', 'no answer within 150 ms', (response) => response.write('{"wsn":')],
    ['a broken line', 'UND_ERR_SOCKET', (response) => response.destroy()],
    ['too much', 'the answer has more than 65536 bytes', (response) => response.end(`{"x":"${'x'.repeat(64 * 1024)}"}`)],
    ['garbage', 'the answer is not JSON', (response) => response.end('<b>Warning</b>: TELLTALE')],
    ['nothing', 'the answer is not JSON', (response) => response.end()],
    ['what is no UTF-8', 'the answer is not UTF-8', (response) => response.end(Buffer.from('{"subject":"\xff"}', 'latin1'))],
    ['a list', 'expected an object in the answer', ok([])],
    [
      'the words of a JWT',
      'the answer has "sub": expected subject, expiresAt and wsn alone',
      ok({ sub: '5', exp: inSeconds(-1), wsn: GRANTS }),
    ],
    [
      'grants beside where they belong',
      'the answer has "subscribe": expected subject, expiresAt and wsn alone',
      ok({ subject: '5', ...GRANTS }),
    ],
    [
      'a name of any length',
      `the answer has "${'x'.repeat(40)}": expected subject, expiresAt and wsn alone`,
      ok({ ['x'.repeat(1000)]: null }),
    ],
    [
      'a grant with a member that none has',
      '/wsn/publish/0/filter: expected a grant to have package, page and filters alone',
      ok({ wsn: { publish: [{ package: 'p', page: 'q', filter: {} }] } }),
    ],
    ['a subject that is a number', '/subject: expected a subject: a string of 1 to 256 bytes', ok({ subject: 5 })],
    ['an end that is a text', '/expiresAt: expected a number', ok({ expiresAt: 'tomorrow' })],
    [
      'grants that are none',
      '/wsn/subscribe/0/package: expected a name or "*", found nothing',
      ok({ wsn: { subscribe: [{ page: '*' }] } }),
    ],
  ])('that answers with %s lets nobody in, and the log says why (R-7.2)', async (_, because, answer) => {
    await using server = await serveWeb(answer);
    const log = recordingLog();
    const authorizeTimeoutMs = because.startsWith('no answer') ? 150 : 10_000;
    const authenticator = await authenticatorOf({ authorizeUrl: `${server.url}?secret=TELLTALE`, authorizeTimeoutMs }, log);
    expect(await refusalOf(() => identityFor(authenticator, 'TELLTALE-token'))).toBe(UNAVAILABLE);
    expect(log.records).toEqual([{ level: 'warn', message: 'authorization unavailable', fields: { url: server.url, because } }]);
    // It is not remembered: the next question is asked, and logged, again.
    expect(await refusalOf(() => identityFor(authenticator, 'TELLTALE-token'))).toBe(UNAVAILABLE);
    expect(log.records).toHaveLength(2);
  });

  test('that is down lets nobody in (R-7.2)', async () => {
    const server = await serveWeb(ok({}));
    await server[Symbol.asyncDispose]();
    const log = recordingLog();
    const authenticator = await authenticatorOf({ authorizeUrl: server.url }, log);
    expect(await refusalOf(() => identityFor(authenticator, 'opaque'))).toBe(UNAVAILABLE);
    expect(log.find('authorization unavailable')).toMatchObject({ because: 'ECONNREFUSED' });
  });

  test('is asked once for equal questions, and again when its answer is old (R-7.2)', async () => {
    await using server = await serveWeb(ok({ subject: '5' }));
    const authenticator = await authenticatorOf({ authorizeUrl: server.url, authorizeCacheMs: 30_000 });
    const identities = await Promise.all(Array.from({ length: 50 }, () => identityFor(authenticator, 'opaque')));
    expect(identities.every((identity) => identity?.id === 'sub:5')).toBe(true);
    expect(server.asked).toHaveLength(1);
    expect(authenticator.identify(bearer('opaque'))).toMatchObject({ id: 'sub:5' });
    await authenticator.identify({ ...bearer('opaque'), address: '192.0.2.8' });
    expect(server.asked).toHaveLength(2);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 30_001 });
    await identityFor(authenticator, 'opaque');
    expect(server.asked).toHaveLength(3);
  });

  test('is asked each time when nothing is to be remembered (R-7.2)', async () => {
    await using server = await serveWeb(ok({ subject: '5' }));
    const authenticator = await authenticatorOf({ authorizeUrl: server.url, authorizeCacheMs: 0 });
    await identityFor(authenticator, 'opaque');
    await identityFor(authenticator, 'opaque');
    expect(server.asked).toHaveLength(2);
  });

  test('is asked at most 100 questions at a time; 1,000 wait, and one more lets nobody in (R-7.2)', async () => {
    const held: ServerResponse[] = [];
    let isFull = (): void => {};
    const full = new Promise<void>((resolve) => {
      isFull = resolve;
    });
    let isOpen = false;
    await using server = await serveWeb((response) => {
      if (isOpen) ok({ subject: '5' })(response);
      else held.push(response);
      if (held.length === 100) isFull();
    });
    const log = recordingLog();
    const authenticator = await authenticatorOf({ authorizeUrl: server.url, authorizeTimeoutMs: 60_000 }, log);
    const questions = Array.from({ length: 1100 }, (_, index) => identityFor(authenticator, `opaque-${index}`));
    expect(await refusalOf(() => identityFor(authenticator, 'one-more'))).toBe(UNAVAILABLE);
    expect(log.find('authorization unavailable')).toMatchObject({ because: '1000 questions wait already' });
    await full;
    expect(server.asked).toHaveLength(100);
    isOpen = true;
    for (const response of held) ok({ subject: '5' })(response);
    expect(await Promise.all(questions)).toHaveLength(1100);
    expect(server.asked).toHaveLength(1100);
  });

  test('is no longer waited for when the authenticator is closed', async () => {
    let wasAsked = (): void => {};
    const asked = new Promise<void>((resolve) => {
      wasAsked = resolve;
    });
    await using server = await serveWeb(() => wasAsked());
    const authenticator = await authenticatorOf({ authorizeUrl: server.url, authorizeTimeoutMs: 60_000 });
    const question = refusalOf(() => identityFor(authenticator, 'opaque'));
    await asked;
    authenticator.close();
    expect(await question).toBe(UNAVAILABLE);
    expect(await refusalOf(() => identityFor(authenticator, 'another'))).toBe(UNAVAILABLE);
    expect(server.asked).toHaveLength(1);
  });
});
