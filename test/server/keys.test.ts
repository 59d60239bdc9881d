import { describe, expect, it, vi } from 'vitest';
import type { Outcome } from '../../src/server/feed/feed.js';
import { Keys, keyUse } from '../../src/server/keys.js';
import { startTestBroker } from '../support/broker.js';
import { askHttp } from '../support/http.js';
import { ask, connect, connectV1, nextData, notice, publication, said, subscriber, TOPIC } from '../support/peers.js';

const FIRST = { kind: 'appended', position: { epoch: 'e', offset: 1 }, matched: 3 } as const;

function use(text = '{}', key = 'k') {
  return keyUse({ identity: '', topic: TOPIC, key }, Buffer.from(text), '/key');
}

describe('a key', () => {
  it('is sent once: its second use has the first position, and nobody hears it again (R-5.8)', async () => {
    await using broker = await startTestBroker();
    await using reader = await subscriber(broker);
    await using peer = await connectV1(broker);
    const receipt = { position: { epoch: expect.any(String), offset: 1 }, matched: 1 };
    expect(await ask(peer, publication(notice('keyed'), { id: '1', key: 'k' }))).toMatchObject({
      id: '1',
      receipt: { ...receipt, duplicate: false },
    });
    expect(await ask(peer, publication(notice('keyed'), { id: '2', key: 'k' }))).toMatchObject({
      id: '2',
      receipt: { ...receipt, duplicate: true },
    });
    await ask(peer, publication(notice('fence')));
    expect([await nextData(reader), await nextData(reader)]).toEqual(['keyed', 'fence']);
  });

  it('that was used with other bytes is error key-reused, over HTTP 422, and nothing is sent (R-5.8)', async () => {
    await using broker = await startTestBroker();
    await using peer = await connectV1(broker);
    await ask(peer, publication(notice('one'), { key: 'k' }));
    const message = publication(notice('other'), { id: '2', key: 'k' });
    expect(await ask(peer, message)).toMatchObject({ id: '2', error: { code: 'key-reused', path: '/key', retry: false } });
    const headers = { 'Idempotency-Key': 'k' };
    const answer = await askHttp(broker, { body: JSON.stringify(notice('other')), headers });
    expect(answer).toMatchObject({ status: 422, json: { code: 'key-reused' } });
    const same = JSON.parse(publication(notice('one'))) as { notification: object };
    const repeated = await askHttp(broker, { body: JSON.stringify(same.notification), headers });
    expect(repeated).toMatchObject({ status: 200, json: { receipt: { duplicate: true } } });
    expect(broker.stats().published).toBe(1);
  });

  it('belongs to a topic, and means nothing in the base protocol (R-2.1, R-5.8)', async () => {
    await using broker = await startTestBroker();
    await using peer = await connectV1(broker);
    const elsewhere = { ...notice('one'), page: 'elsewhere' };
    for (const notification of [notice('one'), elsewhere]) {
      expect(await ask(peer, publication(notification, { key: 'k' }))).toMatchObject({ receipt: { duplicate: false } });
    }
    for (let count = 0; count < 2; count++) {
      await using base = await connect(broker);
      base.send(publication(notice('one'), { key: 'k' }));
      expect((await base.closed).code).toBe(1000);
    }
    expect(broker.stats().published).toBe(4);
  });

  it('of a notification that was refused may be used again (R-5.8)', async () => {
    await using broker = await startTestBroker({ publishesPerSecond: 1 });
    await using peer = await connectV1(broker);
    const text = publication({ ...notice('x'), filters: 'none' } as never, { id: '1', key: 'k' });
    expect(await ask(peer, text)).toMatchObject({ error: { code: 'invalid-notification' } });
    expect(await ask(peer, publication(notice('x'), { id: '2', key: 'k' }))).toMatchObject({ receipt: { duplicate: false } });
  });

  it('may stand in the header and in the body, when it is the same (R-6.2)', async () => {
    await using broker = await startTestBroker();
    const body = publication(notice('one'), { key: 'k' });
    const answer = await askHttp(broker, { body, headers: { 'Idempotency-Key': 'k' } });
    expect(answer).toMatchObject({ status: 200, json: { receipt: { duplicate: false } } });
  });
});

describe('what remembers keys', () => {
  it('has a copy wait for the first, which decides for both (R-5.8)', () => {
    const keys = new Keys();
    const outcomes: Outcome[] = [];
    let settle = (_: Outcome): void => {};
    keys.once(
      use(),
      (settled) => (settle = settled),
      (outcome) => outcomes.push(outcome),
    );
    keys.once(
      use(),
      () => expect.unreachable(),
      (outcome) => outcomes.push(outcome),
    );
    expect(outcomes).toEqual([]);
    settle(FIRST);
    expect(outcomes).toEqual([FIRST, { ...FIRST, isDuplicate: true }]);
  });

  it('forgets the key of what could not be logged, and tells all who waited (R-5.8)', () => {
    const keys = new Keys();
    const failed = { kind: 'failed', error: new Error('full') } as unknown as Outcome;
    const outcomes: Outcome[] = [];
    let settle = (_: Outcome): void => {};
    keys.once(
      use(),
      (settled) => (settle = settled),
      (outcome) => outcomes.push(outcome),
    );
    keys.once(
      use(),
      () => expect.unreachable(),
      (outcome) => outcomes.push(outcome),
    );
    settle(failed);
    expect(outcomes).toEqual([failed, failed]);
    keys.check(use('{"other":1}'));
    expect(keys.size).toBe(0);
  });

  it('forgets a key two minutes after its first use, and not before (R-5.8)', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const keys = new Keys();
      keys.once(
        use(),
        (settled) => settled(FIRST),
        () => {},
      );
      vi.advanceTimersByTime(119_000);
      expect(() => keys.check(use('{"other":1}'))).toThrow('another notification');
      vi.advanceTimersByTime(1001);
      keys.check(use('{"other":1}'));
      expect(keys.size).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('tells copies although the first one throws, and throws that then (R-5.8)', () => {
    const keys = new Keys();
    const outcomes: Outcome[] = [];
    let settle = (_: Outcome): void => {};
    const thrower = () => {
      throw new Error('no such connection');
    };
    keys.once(use(), (settled) => (settle = settled), thrower);
    for (const settled of [thrower, (outcome: Outcome) => outcomes.push(outcome)]) {
      keys.once(use(), () => expect.unreachable(), settled);
    }
    expect(() => settle(FIRST)).toThrow('no such connection');
    expect(outcomes).toEqual([{ ...FIRST, isDuplicate: true }]);
  });

  it('is free again where the publication itself throws (R-5.8)', () => {
    const keys = new Keys();
    const publish = () => {
      throw new Error('a bug');
    };
    expect(() => keys.once(use(), publish, () => {})).toThrow('a bug');
    expect(keys.size).toBe(0);
  });

  it('forgets what came behind one that is never settled (R-5.8)', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const keys = new Keys();
      keys.once(
        use('{}', 'hangs'),
        () => {},
        () => {},
      );
      for (const key of ['1', '2']) {
        keys.once(
          use('{}', key),
          (settled) => settled(FIRST),
          () => {},
        );
      }
      vi.advanceTimersByTime(120_001);
      keys.check(use('{}', '3'));
      expect(keys.size).toBe(1);
      expect(() => keys.check(use('{"other":1}', 'hangs'))).toThrow('another notification');
    } finally {
      vi.useRealTimers();
    }
  });

  it('knows what the log held, for as long as is left (R-5.8)', () => {
    const keys = new Keys();
    const { id, digest } = use();
    keys.restore({ id, digest, position: { epoch: 'e', offset: 7 } }, 60_000);
    const outcomes: Outcome[] = [];
    keys.once(
      use(),
      () => expect.unreachable(),
      (outcome) => outcomes.push(outcome),
    );
    expect(outcomes).toEqual([{ kind: 'appended', position: { epoch: 'e', offset: 7 }, matched: 0, isDuplicate: true }]);
  });

  it('tells uses apart by publisher, topic and key, whatever is in their names', () => {
    const scopes = [
      { identity: 'a', topic: { package: 'b', page: 'c' }, key: 'd' },
      { identity: 'a","b', topic: { package: 'c', page: 'd' }, key: '' },
      { identity: '', topic: { package: 'b', page: 'c' }, key: 'd' },
      { identity: 'a', topic: { package: 'b', page: 'c2' }, key: 'd' },
      { identity: 'a', topic: { package: 'b', page: 'c' }, key: 'd2' },
    ];
    expect(new Set(scopes.map((scope) => keyUse(scope, Buffer.from('{}'), '').id.toString('hex'))).size).toBe(scopes.length);
  });
});

it('a receipt of a copy under way comes behind the first (R-5.8)', async () => {
  await using broker = await startTestBroker();
  await using peer = await connectV1(broker);
  for (const id of ['1', '2']) peer.send(publication(notice('one'), { id, key: 'k' }));
  expect([(await said(peer)).id, (await said(peer)).id]).toEqual(['1', '2']);
});
