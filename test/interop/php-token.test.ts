import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Broker } from '../../src/server/index.js';
import { startTestBroker } from '../support/broker.js';
import { ask, connectV1, publication, subscriptionsText } from '../support/peers.js';
import { describeWithPhp, type RunPhp } from '../support/php.js';

const SECRET = 'a secret of thirty-two bytes or more';
const FROM_PHP = "require 'examples/php/token.php'; ";

/** A token that the function of the example makes. */
async function tokenOf(php: RunPhp, grants: string, seconds = 60): Promise<string> {
  const ended = await php(['-r', `${FROM_PHP} echo wsn_token('5', ${grants}, '${SECRET}', ${seconds});`]);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  return ended.stdout;
}

function connectWith(broker: Broker, token: string) {
  return connectV1(broker, { headers: { Authorization: `Bearer ${token}` } });
}

describeWithPhp('examples/php/token.php', (php) => {
  it('makes a token with which an app hears what it is granted, and nothing else (R-7.2, R-7.3)', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wsn-php-token-'));
    try {
      const file = join(folder, 'secret.txt');
      writeFileSync(file, `${SECRET}\n`, { mode: 0o600 });
      await using broker = await startTestBroker({ authSecretFile: file, anonymousPublish: 'all' });
      const { stdout, stderr, code } = await php(['examples/php/token.php', file, '5', '2', '3']);
      expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
      await using peer = await connectWith(broker, stdout.trim());
      const topic = { package: 'amaiia_msg_srv', page: 'messages' };
      expect(await ask(peer, subscriptionsText([topic]))).toMatchObject({ subscribed: { topics: [{ ...topic, narrowed: true }] } });
      await using publisher = await connectV1(broker);
      for (const values of ['1', '2', '4', '3']) await ask(publisher, publication({ ...topic, filters: { values } }));
      for (const values of ['2', '3']) expect(JSON.parse(await peer.next())).toMatchObject({ notification: { filters: { values } } });
      expect(peer.inbox).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('makes a token without grants that is good and may do nothing (R-7.3)', async () => {
    await using broker = await startTestBroker({ authSecret: SECRET });
    await using peer = await connectWith(broker, await tokenOf(php, '[]'));
    const answer = await ask(peer, subscriptionsText([{ package: 'p', page: 'q' }]));
    expect(answer).toMatchObject({ error: { code: 'forbidden', path: '/subscriptions/0' } });
  });

  it('makes a token that ends (R-7.4)', async () => {
    await using broker = await startTestBroker({ authSecret: SECRET });
    await expect(connectWith(broker, await tokenOf(php, '[]', -60))).rejects.toThrow('401');
  });

  it('takes no secret that is too short, and says how it is used', async () => {
    expect((await php(['-r', `${FROM_PHP} wsn_token('5', [], 'short');`])).stderr).toContain('at least 32 bytes');
    expect(await php(['examples/php/token.php'])).toMatchObject({ code: 2, stderr: expect.stringMatching(/^Usage: /) });
  });
});
