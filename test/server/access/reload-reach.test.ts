import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { startTestBroker } from '../../support/broker.js';
import { connect, connectV1, nextData, notice, publication } from '../../support/peers.js';
import { authenticatorOf, keyFolder, signerOf } from '../identity/support.js';
import { schemaFolder } from '../schemas/folder.js';
import { ON, publishWithKey, statusOf, subscribeV1 } from './support.js';

/** What `startTestBroker` gives by itself. */
const SAME = { host: '127.0.0.1', port: 0, drainTimeoutMs: 2000 };

describe('a reload of schemas (R-7.7)', () => {
  test('names them when a file has changed, has come or is gone', async () => {
    using folder = schemaFolder({ 'p/q.json': { type: 'string' } });
    const options = { ...SAME, schemas: folder.path };
    await using broker = await startTestBroker(options);
    expect(await broker.reconfigure(options)).toEqual([]);
    folder.write('p/q.json', { type: 'number' });
    expect(await broker.reconfigure(options)).toEqual(['schemas']);
    folder.write('p/r.json', {});
    expect(await broker.reconfigure(options)).toEqual(['schemas']);
    folder.remove('p/r.json');
    expect(await broker.reconfigure(options)).toEqual(['schemas']);
    expect(await broker.reconfigure(options)).toEqual([]);
  });

  test.each(['p/.q.json.swp', 'p/q.json~', 'README.md', '.git/config'])('says nothing of %s, which is no schema', async (name) => {
    using folder = schemaFolder({ 'p/q.json': { type: 'string' } });
    const options = { ...SAME, schemas: folder.path };
    await using broker = await startTestBroker(options);
    folder.write(name, 'half a line');
    expect(await broker.reconfigure(options)).toEqual([]);
  });
});

describe('digests of keys', () => {
  test('are of the files as they were read, and a URL has none', async () => {
    await using folder = await keyFolder();
    const { pem, jwk } = await signerOf('ES256');
    const secret = `${'s'.repeat(32)}\n`;
    const set = JSON.stringify({ keys: [jwk] });
    const digestsOf = async (options: Parameters<typeof authenticatorOf>[0]) => [...(await authenticatorOf(options)).digests];
    const sha = (text: string) => createHash('sha256').update(text).digest('base64');
    const authSecretFile = await folder.file('secret', secret);
    const authPublicKey = await folder.file('key.pem', pem);
    expect(await digestsOf({ authSecretFile, authPublicKey })).toEqual([
      ['authSecretFile', sha(secret)],
      ['authPublicKey', sha(pem)],
    ]);
    expect(await digestsOf({ authJwks: await folder.file('keys.json', set) })).toEqual([['authJwks', sha(set)]]);
    expect(await digestsOf({ authSecret: 's'.repeat(32), authJwks: 'https://login.example.org/keys' })).toEqual([]);
    expect(await digestsOf({})).toEqual([]);
  });
});

describe('what counts for new connections alone', () => {
  test('leaves whoever is here: the longest message', async () => {
    await using broker = await startTestBroker();
    await using before = await connectV1(broker);
    expect(await broker.reconfigure({ ...SAME, maxMessageBytes: 1024 })).toEqual(['maxMessageBytes']);
    await using after = await connect(broker);
    const long = publication(notice('x'.repeat(2000)));
    before.send(long);
    expect(JSON.parse(await before.next())).toHaveProperty('receipt');
    after.send(long);
    expect((await after.closed).code).toBe(1009);
  });

  test('leaves whoever is here: origins and counts', async () => {
    const page = { headers: { Origin: 'https://app.example.org' } };
    const given = { ...ON, anonymousSubscribe: 'all', allowOrigins: ['https://app.example.org'] } as const;
    await using broker = await startTestBroker(given);
    await using before = await connectV1(broker, page);
    await subscribeV1(before);
    await broker.reconfigure({ ...SAME, ...given, allowOrigins: [] });
    expect(await statusOf(broker, page)).toBe(403);
    await broker.reconfigure({ ...SAME, ...given, allowOrigins: [], maxConnections: 1 });
    expect(await statusOf(broker)).toBe(503);
    await publishWithKey(broker, notice('still'));
    expect(await nextData(before)).toBe('still');
  });
});
