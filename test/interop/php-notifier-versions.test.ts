import { describe, expect, it } from 'vitest';
import { startTestBroker } from '../support/broker.js';
import { subscriber } from '../support/peers.js';
import { httpServer, problem, receipt } from '../support/php-hostile.js';
import { NOT_JSON, WRONG_CALLS, WRONG_OPTIONS } from '../support/php-mistakes.js';
import { callNotifier, NOTIFIER, outcomesOf, runNotifier, scriptOf } from '../support/php-notifier.js';
import { PHP_VERSIONS, runPhpOf } from '../support/php-versions.js';

const FILES = ['Notifier', 'NotifierException', 'EphemeralSocket'].map((name) => NOTIFIER.replace('Notifier', name));
const DELIVERED = '{"sender":"server","notification":{"package":"p","page":"q","filters":[],"zero":85.0,"message":"reçu"}}';
const SEED = "['package' => 'p', 'page' => 'q', 'filters' => [], 'zero' => 85.0, 'message' => 'reçu']";

describe.each(PHP_VERSIONS)('a Notifier in PHP %s', (version) => {
  const php = runPhpOf(version, FILES);

  it.each([
    ['http', 400],
    ['ws', 4400],
  ])('publishes by %s, byte for byte, and is refused with %i (R-2.3)', async (scheme, code) => {
    await using broker = await startTestBroker();
    await using peer = await subscriber(broker, [{ package: 'p', page: 'q' }]);
    const calls = [`$notifier->notify(${SEED})`, `$notifier->notify(${SEED})`, "$notifier->notify(['package' => 'p'])"];
    const [refused, ...taken] = (await runNotifier(php, { url: broker.url.replace('ws', scheme), calls })).toReversed();
    const receiptOf = (offset: number) => ({ position: { epoch: expect.anything(), offset }, matched: 1, duplicate: false });
    expect(taken).toEqual([2, 1].map((offset) => ({ receipt: scheme === 'ws' ? null : receiptOf(offset) })));
    expect(refused).toMatchObject({ outcome: 'refused', code, message: expect.stringContaining('page') });
    for (const _ of taken) expect(await peer.next()).toBe(DELIVERED);
  });

  it('tries again with the same key', async () => {
    await using server = await httpServer((response, index) => (index < 2 ? problem(response, 503) : receipt(response)));
    const options = "['retries' => 2, 'timeout' => 20]";
    expect(await callNotifier(php, { url: server.url, options })).toMatchObject({ receipt: { matched: 0 } });
    expect(new Set(server.posted.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(server.posted).toHaveLength(3);
  });

  it('finds the mistakes that other versions find', async () => {
    const calls = [...NOT_JSON, ...WRONG_CALLS];
    const scripts = WRONG_OPTIONS.map(([url, options]) => scriptOf({ url, options, calls: [] }));
    scripts.push(scriptOf({ url: 'http://127.0.0.1:1', calls: calls.map(([call]) => call) }), 'echo json_encode(PHP_VERSION);');
    const { stdout, stderr } = await php(['-r', scripts.join('\n')]);
    expect(stderr).toBe('');
    const lines = stdout.split('\n');
    const invalid = (message: string) => ({ isInvalid: true, message });
    expect(WRONG_OPTIONS.flatMap(([url], index) => outcomesOf(lines[index] ?? '', url))).toEqual(
      WRONG_OPTIONS.map(([, , message]) => invalid(message)),
    );
    expect(lines.slice(WRONG_OPTIONS.length + 1).map((line) => JSON.parse(line))).toEqual([
      ...calls.map(([, message]) => invalid(message)),
      expect.stringContaining(`${version}.`),
    ]);
  });
});
