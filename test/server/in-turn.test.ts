import { afterEach, describe, expect, test, vi } from 'vitest';
import { Flusher } from '../../src/server/flusher.js';
import { startTestBroker } from '../support/broker.js';
import { notice } from '../support/peers.js';
import { openRaw } from '../support/raw.js';

const BODY = JSON.stringify(notice('before'));
const POST = `POST /notify HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;
const HEALTH = 'GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n';

function handshake(key: string): string {
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13';
  return `GET / HTTP/1.1\r\nHost: h\r\n${upgrade}\r\nSec-WebSocket-Key: ${key}\r\n\r\n`;
}

afterEach(() => vi.restoreAllMocks());

describe('a handshake right behind requests', () => {
  test.each([
    ['good, behind a publication', POST, 'AAAAAAAAAAAAAAAAAAAAAA==', /^HTTP\/1\.1 200 [\s\S]*"receipt"[\s\S]*HTTP\/1\.1 101 /],
    ['bad, behind a publication', POST, 'x', /^HTTP\/1\.1 200 [\s\S]*"receipt"[\s\S]*HTTP\/1\.1 400 /],
    [
      'good, behind two requests',
      HEALTH + POST,
      'AAAAAAAAAAAAAAAAAAAAAA==',
      /^HTTP\/1\.1 200 [\s\S]*"ok"[\s\S]*"receipt"[\s\S]*HTTP\/1\.1 101 /,
    ],
  ])('is answered behind them: %s (R-4.6)', async (_, before, key, expected) => {
    await using broker = await startTestBroker();
    await using raw = await openRaw(broker);
    raw.write(before + handshake(key));
    await raw.waitFor(expected);
    expect(broker.stats().published).toBe(1);
  });

  test('waits with the frames behind it while the broker is behind (R-4.6, R-2.8)', async () => {
    await using broker = await startTestBroker();
    await using raw = await openRaw(broker);
    const behind = vi.spyOn(Flusher.prototype, 'isBehind', 'get').mockReturnValue(true);
    const ping = Buffer.from([0x89, 0x80, 0, 0, 0, 0]);
    raw.write(Buffer.concat([Buffer.from(POST + handshake('AAAAAAAAAAAAAAAAAAAAAA==')), ping]));
    await using fence = await openRaw(broker);
    fence.write(HEALTH);
    await fence.waitFor(/"ok"/);
    expect(raw.text).toBe('');
    behind.mockRestore();
    await raw.waitFor(/ 200 OK[\s\S]* 101 [\s\S]*\r\n\r\n[\s\S]*\x8a/);
  });
});
