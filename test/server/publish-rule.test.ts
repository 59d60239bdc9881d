import { describe, expect, it } from 'vitest';
import { OPCODE, writeFrame } from '../../src/peer/index.js';
import { startTestBroker } from '../support/broker.js';
import { askHttp } from '../support/http.js';
import { ask, connect, connectV1, nextData, notice, publication, subscriber } from '../support/peers.js';
import { openRaw } from '../support/raw.js';

/** Headers that say that a page or a proxy speaks for somebody else, or do not. */
const HEADERS: readonly (readonly [what: string, headers: Record<string, string>, mayPublish: boolean])[] = [
  ['no header of the kind', {}, true],
  ['a user agent, cookies and an authorization', { 'User-Agent': 'x', Cookie: 'a=b', Authorization: 'Bearer x' }, true],
  ['the Via of a proxy that names nobody', { Via: '1.1 proxy' }, true],
  ['X-Forward', { 'X-Forward': 'x' }, true],
  ['the Origin of another page', { Origin: 'https://example.org' }, false],
  ['the Origin of a page of this very machine', { Origin: 'http://127.0.0.1:8000' }, false],
  ['the Origin null', { Origin: 'null' }, false],
  ['an empty Origin', { Origin: '' }, false],
  ['origin in other letters', { oRiGiN: 'https://example.org' }, false],
  ['Forwarded', { Forwarded: 'for=192.0.2.1' }, false],
  ['X-Forwarded-For', { 'X-Forwarded-For': '192.0.2.1' }, false],
  ['X-Forwarded-For loopback', { 'X-Forwarded-For': '127.0.0.1' }, false],
  ['X-Forwarded-Proto', { 'X-Forwarded-Proto': 'https' }, false],
  ['X-Forwarded-Whatever', { 'x-forwarded-whatever': '' }, false],
];

/** More headers than Node keeps unless it is told to keep them all. */
const MANY = `${'a:\r\n'.repeat(2500)}X-Forwarded-For: 192.0.2.1\r\n`;

describe('a peer on loopback', () => {
  it.each(HEADERS)('whose handshake has %s: %o may publish: %s (R-7.1)', async (_, headers, mayPublish) => {
    await using broker = await startTestBroker();
    await using peer = await connect(broker, { headers });
    peer.send(publication(notice(1)));
    expect((await peer.closed).code).toBe(mayPublish ? 1000 : 4403);
    expect(broker.stats().published).toBe(mayPublish ? 1 : 0);
  });

  it.each(HEADERS)('whose request has %s: %o may publish: %s (R-7.1)', async (_, headers, mayPublish) => {
    await using broker = await startTestBroker();
    const { status, json } = await askHttp(broker, { headers, body: JSON.stringify(notice(1)) });
    expect(status).toBe(mayPublish ? 200 : 403);
    if (!mayPublish && !('origin' in headers || 'Origin' in headers || 'oRiGiN' in headers))
      expect(json?.detail).toContain('--allow-publish');
  });

  it('cannot hide the header of a proxy behind thousands of others (R-7.1)', async () => {
    await using broker = await startTestBroker();
    const body = JSON.stringify(notice(1));
    await using raw = await openRaw(broker);
    raw.write(`POST /notify HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n${MANY}\r\n${body}`);
    await raw.waitFor(/\r\n\r\n/);
    expect(raw.status).toBe(403);
    await using upgraded = await openRaw(broker);
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n';
    upgraded.write(`GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${key}${MANY}\r\n`);
    upgraded.write(writeFrame({ opcode: OPCODE.text, payload: publication(notice(1)) }));
    await upgraded.waitFor(/--allow-publish/);
    expect(broker.stats().published).toBe(0);
  });

  it('may subscribe whatever its headers say (R-7.1)', async () => {
    await using broker = await startTestBroker();
    const headers = { Origin: 'https://example.org', 'X-Forwarded-For': '192.0.2.1' };
    await using peer = await subscriber(broker, undefined, { headers });
    await askHttp(broker, { body: JSON.stringify(notice('heard')) });
    expect(await nextData(peer)).toBe('heard');
  });
});

describe('--allow-publish', () => {
  it.each([
    ['the address', '127.0.0.1', true],
    ['its network', '127.0.0.0/8', true],
    ['everybody', '0.0.0.0/0', true],
    ['another network', '10.0.0.0/8', false],
    ['another network of IPv6', 'fd00::/8', false],
  ])('with %s, %s: a peer behind a proxy may publish: %s (R-7.1)', async (_, network, mayPublish) => {
    await using broker = await startTestBroker({ allowPublish: ['192.0.2.0/24', network] });
    await using peer = await connectV1(broker, { headers: { 'X-Forwarded-For': '192.0.2.1', Origin: 'https://example.org' } });
    const answer = await ask(peer, publication(notice(1)));
    expect('receipt' in answer).toBe(mayPublish);
    const { status } = await askHttp(broker, { headers: { 'X-Forwarded-For': '192.0.2.1' }, body: JSON.stringify(notice(1)) });
    expect(status).toBe(mayPublish ? 200 : 403);
  });

  it('does not let a page publish over HTTP: an Origin is 403 all the same (R-7.1)', async () => {
    await using broker = await startTestBroker({ allowPublish: ['127.0.0.1'] });
    expect((await askHttp(broker, { headers: { Origin: 'https://example.org' }, body: JSON.stringify(notice(1)) })).status).toBe(403);
  });
});
