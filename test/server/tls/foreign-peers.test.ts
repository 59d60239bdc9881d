import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { authority, issue } from '../../support/certificates.js';
import { nextData, notice, subscriber } from '../../support/peers.js';
import { type SecuredBroker, startSecuredBroker } from '../../support/secured-broker.js';

/** Of the table in RFC 6455 section 1.3. */
const HANDSHAKE = [
  'GET / HTTP/1.1',
  'Host: broker.test',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n');

/** Runs a program, says `input`, and ends it when what it says fits `until`; resolves with all that it said. */
async function run(program: string, given: readonly string[], { input = '', until }: { input?: string; until?: RegExp } = {}) {
  const child = spawn(program, given, { stdio: 'pipe' });
  let text = '';
  const hear = (chunk: Buffer) => {
    text += chunk.toString('latin1');
    if (until?.test(text)) child.kill();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  child.stdin.on('error', () => {});
  child.stdin.write(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, text };
}

const openssl = ({ broker, path }: SecuredBroker, ...more: readonly string[]) =>
  run(
    'openssl',
    [
      's_client',
      '-quiet',
      '-verify_return_error',
      '-CAfile',
      path('ca.crt'),
      '-verify_ip',
      '127.0.0.1',
      '-connect',
      `127.0.0.1:${broker.port}`,
      ...more,
    ],
    { input: HANDSHAKE, until: /\r\n\r\n/ },
  );

const curl = ({ broker, path }: SecuredBroker, ...more: readonly string[]) =>
  run('curl', [
    ...[
      '--silent',
      '--show-error',
      '--cacert',
      path('ca.crt'),
      '--write-out',
      ' %{http_code}',
      '--header',
      'Content-Type: application/json',
    ],
    ...['--data', JSON.stringify(notice('by curl')), ...more, `https://127.0.0.1:${broker.port}/notify`],
  ]);

describe('a broker by TLS', () => {
  it.each(['-tls1_2', '-tls1_3'])('shakes hands with openssl s_client %s', async (version) => {
    await using secured = await startSecuredBroker();
    const { text } = await openssl(secured, version);
    expect(text).toContain('HTTP/1.1 101 Switching Protocols');
    expect(text).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  });

  it('is refused by openssl s_client with an older TLS', async () => {
    await using secured = await startSecuredBroker();
    const { code, text } = await openssl(secured, '-tls1_1', '-cipher', 'DEFAULT@SECLEVEL=0');
    expect(text).toMatch(/alert protocol version|no protocols available/);
    expect(code).not.toBe(0);
  });

  it('takes a notification from curl, and hands it on', async () => {
    await using secured = await startSecuredBroker();
    await using peer = await subscriber(secured.broker, undefined, { tls: { ca: secured.ca } });
    expect(await curl(secured)).toMatchObject({ code: 0, text: expect.stringMatching(/^\{"receipt":\{.*\}\}\s+200$/) });
    expect(await nextData(peer)).toBe('by curl');
  });

  it('takes one from curl with a certificate, and none without, where clients need one', async () => {
    const clients = authority();
    await using secured = await startSecuredBroker({}, clients);
    const { cert, key } = issue({ name: 'the back-end', by: clients });
    writeFileSync(secured.path('client.crt'), cert);
    writeFileSync(secured.path('client.key'), key);
    const shown = ['--cert', secured.path('client.crt'), '--key', secured.path('client.key')];
    expect(await curl(secured, ...shown)).toMatchObject({ code: 0, text: expect.stringMatching(/ 200$/) });
    expect((await curl(secured)).code).not.toBe(0);
    expect((await openssl(secured)).text).not.toContain('HTTP/1.1 101');
    const pair = ['-cert', secured.path('client.crt'), '-key', secured.path('client.key')];
    expect((await openssl(secured, ...pair)).text).toContain('HTTP/1.1 101');
    expect(secured.broker.stats().published).toBe(1);
  });
});
