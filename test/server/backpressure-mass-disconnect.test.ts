import { describe, expect, it } from 'vitest';
import { OPCODE, type Peer, writeFrame } from '../../src/peer/index.js';
import { startTestBroker } from '../support/broker.js';
import { recordingLog } from '../support/log.js';
import { burstText, openOrderedReader } from '../support/ordered-reader.js';
import { connect, connectV1, notice, publish, subscriptionsText, TOPIC } from '../support/peers.js';

const LEAVERS = 2000;
const NOTIFICATIONS = 40;

/** Each one ends its connection in its own way; none of them says goodbye. */
const WAYS: readonly (readonly [way: string, leave: (peer: Peer, index: number) => void])[] = [
  ['with a RST', (peer) => peer.destroy()],
  ['with a RST, a FIN or half a frame', (peer, index) => [() => peer.destroy(), () => peer.end(), () => leaveHalfway(peer)][index % 3]?.()],
];

function leaveHalfway(peer: Peer): void {
  peer.bytes(writeFrame({ opcode: OPCODE.text, payload: subscriptionsText([TOPIC]) }).subarray(0, 20));
  peer.end();
}

describe('2,000 subscribers that vanish at once in the middle of a fan-out', () => {
  it.each(WAYS)(
    '%s leave nothing behind, and the others get everything in order (R-2.9)',
    async (_, leave) => {
      const log = recordingLog();
      await using broker = await startTestBroker({ log });
      const stay = await Promise.all((['base', 'v1', 'base', 'v1'] as const).map((dialect) => openOrderedReader(broker, dialect)));
      const leavers: Peer[] = [];
      for (let index = 0; index < LEAVERS; index++) {
        const peer = await (index % 2 ? connect : connectV1)(broker, { onMessage: () => {} });
        // One group of many, and many groups of one.
        const others = index % 5 ? [] : [{ ...TOPIC, page: `${index}` }];
        peer.send(subscriptionsText([TOPIC, ...others]));
        leavers.push(peer);
      }
      await expect.poll(() => broker.stats().registry.memberships).toBe(stay.length + LEAVERS + LEAVERS / 5);
      let haveLeft = false;
      await using publisher = await connectV1(broker, {
        // In the turn in which the first receipt comes, most of what is published waits in outboxes or is still to be read.
        onMessage(message) {
          if (haveLeft || !message.includes('"receipt"')) return;
          haveLeft = true;
          for (const [index, peer] of leavers.entries()) leave(peer, index);
        },
      });
      const frames = Array.from({ length: NOTIFICATIONS }, (_, index) =>
        writeFrame({ opcode: OPCODE.text, payload: burstText(1, index + 1, index % 20 === 0 ? 70_000 : 500) }),
      );
      publisher.bytes(Buffer.concat(frames));
      await expect.poll(() => stay.map(({ count }) => count), { timeout: 15_000 }).toEqual(stay.map(() => NOTIFICATIONS));
      await Promise.all(leavers.map((peer) => peer.closed));
      await expect.poll(() => broker.stats()).toMatchObject({ peers: stay.length + 1, registry: { topics: 1, memberships: stay.length } });
      expect(stay.flatMap(({ faults }) => faults)).toEqual([]);
      await publish(broker, notice([2, 1]));
      await expect.poll(() => stay.map(({ count }) => count)).toEqual(stay.map(() => NOTIFICATIONS + 1));
      expect(log.records.filter(({ level }) => level === 'error')).toEqual([]);
      for (const { peer } of stay) await peer[Symbol.asyncDispose]();
      await publisher[Symbol.asyncDispose]();
      await expect.poll(() => broker.stats().peers).toBe(0);
      expect(broker.stats().registry).toMatchObject({ topics: 0, groups: 0, memberships: 0 });
    },
    60_000,
  );
});
