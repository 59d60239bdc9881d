import autocannon from 'autocannon';
import { describe, expect, it } from 'vitest';
import { startTestBroker } from '../support/broker.js';
import { ask, connectV1, EVERYTHING, notice, said } from '../support/peers.js';

const REQUESTS = 2000;

describe('POST /notify under load', () => {
  it('answers 2,000 requests over 20 kept-alive connections with 200 and an offset of its own each, delivered in order (R-2.9)', async () => {
    await using broker = await startTestBroker();
    await using reader = await connectV1(broker);
    await ask(reader, { sender: 'client', subscriptions: EVERYTHING });
    const offsets = new Set<number>();
    const result = await autocannon({
      url: `http://127.0.0.1:${broker.port}/notify`,
      connections: 20,
      amount: REQUESTS,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(notice('load')),
      requests: [{ onResponse: (_, body) => offsets.add(JSON.parse(body).receipt.position.offset) }],
    });
    expect(result).toMatchObject({ '2xx': REQUESTS, non2xx: 0, errors: 0, timeouts: 0 });
    expect([...offsets].sort((one, other) => one - other)).toEqual(Array.from({ length: REQUESTS }, (_, index) => index + 1));
    for (let offset = 1; offset <= REQUESTS; offset++) expect((await said(reader)).position?.offset).toBe(offset);
    expect(broker.stats()).toMatchObject({ published: REQUESTS, delivered: REQUESTS });
  });
});
