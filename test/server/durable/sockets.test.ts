import { afterEach, describe, expect, it, vi } from 'vitest';
import { closePayload, OPCODE, writeFrame } from '../../../src/peer/index.js';
import { DiskFeed } from '../../../src/server/feed/disk.js';
import { startTestBroker } from '../../support/broker.js';
import { askHttp } from '../../support/http.js';
import {
  ask,
  connect,
  connectV1,
  nextData,
  notice,
  publication,
  publish,
  said,
  subscriber,
  subscriptionsText,
  TOPIC,
} from '../../support/peers.js';
import { temporaryFolder } from '../log/log-folder.js';

/** A broker whose log is on disk, in a folder that goes with it. */
async function startDurable(durability: 'batched' | 'fsync' = 'batched') {
  const folder = await temporaryFolder();
  const broker = await startTestBroker({ data: folder.path, durability });
  return {
    broker,
    async [Symbol.asyncDispose](): Promise<void> {
      await broker[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Has what the log says of notifications wait. */
function holdUp() {
  const append = DiskFeed.prototype.append;
  const held: (() => void)[] = [];
  let came = (): void => {};
  const spy = vi.spyOn(DiskFeed.prototype, 'append').mockImplementation(function (this: DiskFeed, notification, settled) {
    append.call(this, notification, (outcome) => {
      held.push(() => settled(outcome));
      came();
    });
  });
  return {
    /** Resolves when so many have been logged of which nobody has been told. */
    holds: (count: number) =>
      new Promise<void>((resolve) => {
        came = () => {
          if (held.length >= count) resolve();
        };
        came();
      }),
    release(): void {
      spy.mockRestore();
      for (const settle of held.splice(0)) settle();
    },
  };
}

const DURABILITIES = [['batched'], ['fsync']] as const;

afterEach(() => vi.restoreAllMocks());

describe.each(DURABILITIES)('with a log on disk (%s)', (durability) => {
  it('what one peer sends takes effect in its order: a set behind a publication does not hear it (R-2.8)', async () => {
    await using world = await startDurable(durability);
    await using peer = await connectV1(world.broker);
    peer.send(publication(notice('before'), { id: '1' }));
    peer.send(subscriptionsText([TOPIC], { id: '2' }));
    peer.send(publication(notice('after'), { id: '3' }));
    const heard = [await said(peer), await said(peer), await said(peer), await said(peer)];
    expect(heard.map(({ id, notification }) => id ?? notification?.data)).toEqual(['1', '2', 'after', '3']);
  });

  it('a pong comes when the notifications before its ping have been fanned out (R-2.8)', async () => {
    await using world = await startDurable(durability);
    await using peer = await connectV1(world.broker);
    for (let round = 1; round <= 20; round++) {
      peer.send(publication(notice(round)));
      await peer.barrier();
      expect(world.broker.stats().published).toBe(round);
    }
  });

  it('many publications of one peer are under way at once, and keep their order (R-5.7)', async () => {
    await using world = await startDurable(durability);
    await using reader = await subscriber(world.broker);
    await using peer = await connectV1(world.broker);
    for (let number = 1; number <= 200; number++) peer.send(publication(notice(number), { id: `${number}` }));
    for (let number = 1; number <= 200; number++) {
      expect(await said(peer)).toMatchObject({ id: `${number}`, receipt: { position: { offset: number }, matched: 1 } });
      expect(await nextData(reader)).toBe(number);
    }
  });

  it('an ephemeral publisher is closed with 1000 when all that came before is in the log (R-2.10)', async () => {
    await using world = await startDurable(durability);
    await using reader = await subscriber(world.broker);
    expect((await publish(world.broker, notice('one'))).code).toBe(1000);
    expect(await nextData(reader)).toBe('one');
  });

  it.each([1000, 1001, 4000])('a publisher that closes at once with %i has its receipt all the same (R-2.10)', async (code) => {
    await using world = await startDurable(durability);
    await using peer = await connect(world.broker);
    const published = writeFrame({ opcode: OPCODE.text, payload: publication(notice('one')) });
    peer.bytes(Buffer.concat([published, writeFrame({ opcode: OPCODE.close, payload: closePayload(code) })]));
    expect((await peer.closed).code).toBe(1000);
    expect(world.broker.stats().published).toBe(1);
  });

  it('a v1 publisher that closes at once gets its receipts, then its own code (R-5.7)', async () => {
    await using world = await startDurable(durability);
    await using peer = await connectV1(world.broker);
    const published = ['1', '2'].map((id) => writeFrame({ opcode: OPCODE.text, payload: publication(notice(1), { id }) }));
    peer.bytes(Buffer.concat([...published, writeFrame({ opcode: OPCODE.close, payload: closePayload(4000) })]));
    expect([(await said(peer)).id, (await said(peer)).id]).toEqual(['1', '2']);
    expect((await peer.closed).code).toBe(4000);
  });

  it('a publisher that breaks off loses nothing that it has sent (R-2.10)', async () => {
    await using world = await startDurable(durability);
    await using reader = await subscriber(world.broker);
    await using peer = await connect(world.broker);
    await peer.barrier();
    peer.send(publication(notice('one')));
    peer.destroy();
    expect(await nextData(reader)).toBe('one');
  });

  it('a shutdown has the receipts of what is under way go first (R-2.10)', async () => {
    await using world = await startDurable(durability);
    const log = holdUp();
    await using peer = await connect(world.broker);
    await using persistent = await connectV1(world.broker);
    await using idle = await connect(world.broker);
    peer.send(publication(notice('one')));
    for (const id of ['1', '2', '3']) persistent.send(publication(notice(id), { id }));
    await log.holds(4);
    const closing = world.broker.close();
    // Everybody has been told, and these two wait.
    expect((await idle.closed).code).toBe(1001);
    expect(persistent.inbox).toEqual([]);
    log.release();
    for (const id of ['1', '2', '3']) expect(await said(persistent)).toMatchObject({ id, receipt: { duplicate: false } });
    expect((await peer.closed).code).toBe(1000);
    expect((await persistent.closed).code).toBe(1001);
    await closing;
  });

  it('HTTP is answered with the receipts of a list (R-6.3)', async () => {
    await using world = await startDurable(durability);
    const body = JSON.stringify({ notifications: [notice(1), notice(2)] });
    expect(await askHttp(world.broker, { body })).toMatchObject({
      status: 200,
      json: { receipts: [{ position: { offset: 1 } }, { position: { offset: 2 } }] },
    });
  });

  it('a burst of several publishers reaches everybody in one order (R-2.9)', async () => {
    await using world = await startDurable(durability);
    await using reader = await subscriber(world.broker);
    await using other = await connectV1(world.broker);
    await ask(other, subscriptionsText([TOPIC]));
    const data = 'x'.repeat(2000);
    const publishers = await Promise.all(Array.from({ length: 5 }, () => connectV1(world.broker)));
    for (let count = 0; count < 100; count++)
      for (const [index, each] of publishers.entries()) each.send(publication(notice(`${index}${data}`)));
    const heard: unknown[] = [];
    for (let offset = 1; offset <= 500; offset++) {
      heard.push(await nextData(reader));
      const delivery = await said(other);
      expect(delivery).toMatchObject({ position: { offset } });
      expect(delivery.notification?.data).toBe(heard.at(-1));
    }
    await Promise.all(publishers.map((each) => each[Symbol.asyncDispose]()));
  });
});
