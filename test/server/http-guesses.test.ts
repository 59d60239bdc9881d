import { describe, expect, test } from 'vitest';
import { startTestBroker } from '../support/broker.js';
import { askHttp } from '../support/http.js';
import { notice } from '../support/peers.js';
import { openRaw } from '../support/raw.js';
import { inSeconds, signWith } from './identity/support.js';

const SECRET = 'a secret of thirty-two bytes or more';

describe('a publisher over HTTP', () => {
  test.each([
    ['token', (guess: number) => ({ authorization: `Bearer a.b.${guess}` })],
    ['key', (guess: number) => ({ 'x-api-key': `k${guess}` })],
  ])('guesses no %s faster than its address may send messages (R-6.1, R-7.6)', async (_, headers) => {
    await using broker = await startTestBroker({
      authSecret: SECRET,
      apiKeys: [{ name: 'a', sha256: '0'.repeat(64) }],
      messagesPerSecondPerAddress: 5,
    });
    const statuses = new Set<number>();
    for (let guess = 0; guess < 11; guess++) statuses.add((await askHttp(broker, { headers: headers(guess), body: '{}' })).status);
    expect([...statuses]).toEqual([401, 429]);
  });

  test('has no time beyond the end of its token to send its body (R-7.4)', async () => {
    await using broker = await startTestBroker({ authSecret: SECRET, authClockToleranceMs: 0 });
    const exp = inSeconds(1);
    const token = await signWith(SECRET, { exp, wsn: { publish: [{ package: '*', page: '*' }] } });
    const body = JSON.stringify(notice('late'));
    await using raw = await openRaw(broker);
    const head = ['POST /notify HTTP/1.1', 'Host: a', 'Content-Type: application/json', `Authorization: Bearer ${token}`];
    raw.write(`${head.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 5)}`);
    await new Promise((resolve) => setTimeout(resolve, exp * 1000 - Date.now() + 5));
    raw.write(body.slice(5));
    await raw.waitFor(/^HTTP\/1\.1 401 .*the token has expired/s);
    expect(broker.stats().published).toBe(0);
  });
});
