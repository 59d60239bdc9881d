import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { describeWithPhp } from '../../support/php.js';
import { authenticatorOf, identityFor, refusalOf } from './support.js';

const EXAMPLES = fileURLToPath(new URL('../../../examples/php', import.meta.url));

/** PHP's own server with the examples, and what it complained of. */
async function servePhp(): Promise<AsyncDisposable & { readonly url: string; readonly complaints: string[] }> {
  const settings = ['-d', 'error_reporting=-1', '-d', 'display_errors=0', '-d', 'log_errors=1', '-d', 'html_errors=0'];
  const child = spawn('php', [...settings, '-S', '127.0.0.1:0', '-t', EXAMPLES], { stdio: ['ignore', 'ignore', 'pipe'] });
  const complaints: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`php ended with ${code}`)));
    createInterface({ input: child.stderr }).on('line', (line) => {
      const started = /Development Server \((http:\/\/127\.0\.0\.1:\d+)\) started/.exec(line);
      if (started?.[1] !== undefined) resolve(started[1]);
      else if (/PHP |Warning|Notice|Deprecated|Fatal/.test(line)) complaints.push(line);
    });
  });
  return { url, complaints, [Symbol.asyncDispose]: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  child.removeAllListeners('exit');
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

describeWithPhp('examples/php/authorize.php', () => {
  test('lets in whom it knows, with grants, and nobody else (R-7.2, R-7.3)', async () => {
    await using php = await servePhp();
    const authenticator = await authenticatorOf({ authorizeUrl: `${php.url}/authorize.php` });
    const before = Date.now();
    const anna = await identityFor(authenticator, 'anna-0123456789');
    const filters = { values: { channel: ['2', '3'] } };
    const access = { subscribe: [{ package: 'amaiia_msg_srv', page: '*', filters }], publish: [] };
    expect(anna).toMatchObject({ id: 'sub:5', kind: 'token', access });
    expect(anna?.expiresAt).toBeGreaterThan(before + 11 * 3_600_000);
    expect(await refusalOf(() => identityFor(authenticator, 'nobody'))).toBe('unauthenticated: the back-end does not know the token');
    expect(await refusalOf(() => identityFor(authenticator, 'bert-0123456789'))).toBe('forbidden: the back-end does not let this peer in');
    expect(php.complaints).toEqual([]);
  });

  test('answers 400 to what is no question (R-7.2)', async () => {
    await using php = await servePhp();
    for (const body of ['', '[]', '"x"', '{"token":5}', '{']) {
      const response = await fetch(`${php.url}/authorize.php`, { method: 'POST', body });
      expect(response.status).toBe(400);
      expect(await response.text()).toBe('');
    }
    expect(php.complaints).toEqual([]);
  });
});
