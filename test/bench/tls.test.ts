import { describe, expect, it } from 'vitest';
import { startTestBroker } from '../support/broker.js';
import { measure } from './known-answers/measuring.js';
import { ca, startTlsFront } from './tls-front.js';

const RIGHT = { expected: 2500, delivered: 2500, lost: 0, duplicated: 0, misdelivered: 0, reordered: 0, corrupt: 0 };
const UNTRUSTED =
  /^cannot reach \S+: its certificate signs itself and is not trusted: name it with --tls-ca, or for a test use --insecure$/;

const WAYS = {
  subscribers: { Authorization: 'Bearer secret-token', 'X-Tenant': 'blue' },
  publishers: { 'X-Api-Key': 'secret-key', 'X-Tenant': 'blue' },
  tls: { ca },
};

describe('a run by TLS', () => {
  it.each(['persistent', 'ephemeral', 'http'] as const)('loses nothing, and shows the broker who comes (%s publishers)', async (kind) => {
    await using broker = await startTestBroker();
    await using front = await startTlsFront(broker.port);
    const measurement = await measure(front.url, { publishers: { kind, connections: null } }, { ways: WAYS });
    expect(measurement.deliveries).toMatchObject(RIGHT);
    expect(measurement.used).toMatchObject({ publishers: kind });
    const subscribers = front.heads.filter((head) => head.includes('Authorization: Bearer secret-token'));
    const publishers = front.heads.filter((head) => /x-api-key: secret-key/i.test(head));
    expect(subscribers).toHaveLength(20);
    expect(publishers.length).toBeGreaterThan(0);
    expect(subscribers.length + publishers.length).toBe(front.heads.length);
    for (const head of front.heads) expect(head).toMatch(/x-tenant: blue/i);
    expect(JSON.stringify(measurement)).not.toContain('secret');
  });

  it('has slow, silent and reconnecting readers, too', async () => {
    await using broker = await startTestBroker();
    await using front = await startTlsFront(broker.port);
    const hostile = { slow: 0.05, never: 0.05, 'half-open': 0.05, reconnecting: 0.05 };
    const { deliveries, connections } = await measure(front.url, { hostile }, { ways: { tls: { ca } } });
    expect(deliveries).toMatchObject({ expected: 2000, delivered: 2000, lost: 0, misdelivered: 0, corrupt: 0 });
    expect(connections.hostile.map(({ kind }) => kind)).toEqual(Object.keys(hostile));
  });

  it.each(['persistent', 'http'] as const)('sends nothing to a broker that is not trusted (%s publishers)', async (kind) => {
    await using broker = await startTestBroker();
    await using front = await startTlsFront(broker.port);
    const ways = { publishers: WAYS.publishers };
    const run = measure(front.url, { publishers: { kind, connections: null } }, { ways });
    await expect(run).rejects.toMatchObject({ kind: 'unreachable', message: expect.stringMatching(UNTRUSTED) });
    expect(front.heads).toEqual([]);
  });

  it('trusts anybody where it is told to', async () => {
    await using broker = await startTestBroker();
    await using front = await startTlsFront(broker.port);
    const { deliveries } = await measure(
      front.url,
      { publishers: { kind: 'http', connections: 2 } },
      { ways: { tls: { insecure: true } } },
    );
    expect(deliveries).toMatchObject(RIGHT);
  });
});
