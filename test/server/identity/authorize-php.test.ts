import { expect, test } from 'vitest';
import { describeWithPhp } from '../../support/php.js';
import { servePhp } from '../../support/php-server.js';
import { authenticatorOf, identityFor, refusalOf } from './support.js';

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
