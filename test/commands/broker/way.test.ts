import { describe, expect, it, vi } from 'vitest';
import { findWay, requestOptions, type WayOptions } from '../../../src/commands/broker/way.js';
import { authority, folderOf, forThisMachine } from '../../support/certificates.js';

const ca = authority();
const own = forThisMachine(ca);
const other = forThisMachine(ca);

/** What a way comes to, and what was said on stderr meanwhile. */
async function find(url: string, options: WayOptions) {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const way = await findWay(url, options);
    return { way, said: written.mock.calls.map(([text]) => String(text)).join('') };
  } finally {
    written.mockRestore();
  }
}

describe('the way to a broker', () => {
  it.each<[WayOptions, object, string | undefined]>([
    [{}, {}, undefined],
    [{ token: '' }, {}, undefined],
    [{ token: 'a.b.c' }, { Authorization: 'Bearer a.b.c' }, 'token'],
    [{ apiKey: 'wsn_k' }, { 'X-Api-Key': 'wsn_k' }, 'key'],
    [{ token: 'a.b.c', apiKey: 'wsn_k' }, { 'X-Api-Key': 'wsn_k' }, 'key'],
    [{ header: ['Origin: https://a.example', 'x-tenant:  blue '] }, { Origin: 'https://a.example', 'x-tenant': 'blue' }, undefined],
    [{ header: ['authorization: Basic eDp5'] }, { authorization: 'Basic eDp5' }, 'token'],
  ])('of %j has the headers %j (R-7.2)', async (options, headers, brings) => {
    const { way, said } = await find('ws://127.0.0.1:8000', options);
    expect(way).toEqual({ headers, tls: undefined, brings });
    expect(said).toBe('');
  });

  it('takes a token and a key from files, without the line end (R-7.2)', async () => {
    using files = folderOf({ token: 'a.b.c\n', key: 'wsn_k\r\n' });
    expect((await find('wss://h', { token: `@${files.path('token')}` })).way.headers).toEqual({ Authorization: 'Bearer a.b.c' });
    expect((await find('wss://h', { apiKey: `@${files.path('key')}` })).way.headers).toEqual({ 'X-Api-Key': 'wsn_k' });
  });

  it('trusts with wss: whom the options say, and passes them over with ws:', async () => {
    using files = folderOf({ 'ca.pem': ca.cert, 'cert.pem': own.cert, 'key.pem': own.key });
    const options = { tlsCa: files.path('ca.pem'), tlsCert: files.path('cert.pem'), tlsKey: files.path('key.pem') };
    const { way } = await find('wss://h', options);
    expect(way.tls).toEqual({ ca: ca.cert, cert: own.cert, key: own.key });
    expect(requestOptions(way)).toEqual({ headers: {}, ca: ca.cert, cert: own.cert, key: own.key, rejectUnauthorized: true });
    expect((await find('ws://h', options)).way.tls).toBeUndefined();
  });

  it('says loudly that --insecure believes anybody', async () => {
    const { way, said } = await find('wss://user:pw@h?token=secret', { insecure: true });
    expect(requestOptions(way)).toEqual({ headers: {}, rejectUnauthorized: false });
    expect(said).toBe(
      'wsn: WARNING: --insecure: whoever answers as wss://h?token=*** is believed, and may read and change everything, your credentials too\n',
    );
  });

  it.each([
    ['ws://example.org:8000', true],
    ['ws://127.0.0.1.example.org', true],
    ['ws://localhost:8000', false],
    ['ws://127.1.2.3', false],
    ['ws://[::1]:8000', false],
    ['wss://example.org', false],
  ])('warns of a token that leaves this machine in the clear: %s, %s', async (url, isWarned) => {
    const { said } = await find(url, { token: 'a.b.c' });
    expect(said.includes(`your credentials go to ${url} in the clear`)).toBe(isWarned);
    expect(said).not.toContain('a.b.c');
  });

  it.each<[WayOptions, string]>([
    [{ token: 'two words' }, 'the token has spaces'],
    [{ apiKey: 'line\nbreak' }, 'the API key has spaces'],
    [{ token: '@/nowhere/token' }, 'cannot read /nowhere/token: there is no such file'],
    [{ header: ['Authorization Bearer secret'] }, '--header: found something else than a header'],
    [{ header: ['a: b\r\nc: d'] }, '--header: found something else than a header'],
    [{ header: ['Authorization: Basic eDp5'], token: 'a.b.c' }, '--token and --header Authorization exclude each other'],
    [{ tlsCert: 'cert.pem' }, '--tls-cert and --tls-key belong together'],
    [{ tlsCa: '/nowhere/ca.pem' }, 'cannot read --tls-ca /nowhere/ca.pem'],
  ])('refuses %j without repeating a secret', async (options, words) => {
    const refusal = await find('wss://h', options).then(
      () => '',
      (error: Error) => error.message,
    );
    expect(refusal).toContain(words);
    expect(refusal).not.toMatch(/two words|line\nbreak|Bearer secret|eDp5/);
  });

  it('refuses a certificate whose key is another, and what is no PEM', async () => {
    using files = folderOf({ 'cert.pem': own.cert, 'other.pem': other.key, 'text.pem': 'text' });
    const tlsCert = files.path('cert.pem');
    await expect(find('wss://h', { tlsCert, tlsKey: files.path('other.pem') })).rejects.toThrow('is not the key of --tls-cert');
    await expect(find('wss://h', { tlsCert, tlsKey: files.path('text.pem') })).rejects.toThrow('expected a private key');
    await expect(find('wss://h', { tlsCert: files.path('text.pem'), tlsKey: files.path('other.pem') })).rejects.toThrow(
      'expected a certificate as PEM',
    );
  });
});
