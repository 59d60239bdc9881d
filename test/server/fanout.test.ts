import { describe, expect, test } from 'vitest';
import type { Dialect, JsonObject, Position } from '../../src/protocol/index.js';
import type { Entry } from '../../src/server/entry.js';
import { Fanout } from '../../src/server/fanout.js';
import { Flusher } from '../../src/server/flusher.js';
import { type Membership, tell, toldOf } from '../../src/server/registry/membership.js';
import { Registry } from '../../src/server/registry/registry.js';
import { FakePeer } from './fake-peer.js';

const LIMITS = { maxOutboxBytes: 4 * 1024 * 1024, slowReaderTimeoutMs: 10_000 };
const TOPIC = { package: 'p', page: 'q' };
const PAYLOAD = '{ "package":"p", "page":"q", "data":{"n":12345678901234567890, "x":85.0} }';

function entry(filters: JsonObject = { values: '2' }, offset = 1): Entry {
  return { topic: TOPIC, filters, payload: Buffer.from(PAYLOAD), position: { epoch: 'e', offset }, values: 2, at: 0, sequence: 0 };
}

/** A registry with `count` peers of each dialect, each in a group of its own, that all want values 2. */
function audience(count: number): { registry: Registry; fanout: Fanout; base: FakePeer[]; v1: FakePeer[] } {
  const registry = new Registry();
  const peersOf = (dialect: Dialect): FakePeer[] =>
    Array.from({ length: count }, (_, index) => {
      const peer = new FakePeer(`${dialect} ${index}`, dialect);
      registry.replace(peer, [{ ...TOPIC, filters: { values: ['2', `own ${index}`] } }]);
      return peer;
    });
  return { registry, fanout: new Fanout(registry, new Flusher(LIMITS)), base: peersOf('base'), v1: peersOf('v1') };
}

/** The buffers that were written to the sockets of `peers`. */
function buffersOf(peers: readonly FakePeer[]): Buffer[] {
  for (const peer of peers) peer.flush();
  return peers.flatMap((peer) => peer.socket.written);
}

describe('a delivery', () => {
  test('is encoded once for each dialect, and shared by all its peers', () => {
    const { fanout, base, v1 } = audience(20);
    expect(fanout.deliver(entry())).toBe(40);
    const [ofBase, ofV1] = [buffersOf(base), buffersOf(v1)];
    expect([ofBase.length, new Set(ofBase).size]).toEqual([20, 1]);
    expect([ofV1.length, new Set(ofV1).size]).toEqual([20, 1]);
  });

  test('has the published bytes in both dialects, and its position in wsn.v1 only (R-2.3, R-5.1, R-5.5)', () => {
    const { fanout, base, v1 } = audience(1);
    fanout.deliver(entry({ values: '2' }, 7));
    const [toBase, toV1] = [base, v1].map((peers) => {
      buffersOf(peers);
      return peers[0]?.socket.messages;
    });
    expect(toBase).toEqual([`{"sender":"server","notification":${PAYLOAD}}`]);
    expect(toV1).toEqual([`{"sender":"server","notification":${PAYLOAD},"position":{"epoch":"e","offset":7}}`]);
  });

  test('goes to nobody but those who want it, and once to each (R-2.9)', () => {
    const { registry, fanout, base } = audience(3);
    registry.replace(base[0] as FakePeer, [{ ...TOPIC, filters: { values: 'own 0' } }]);
    registry.replace(base[1] as FakePeer, [{ ...TOPIC, filters: { values: '2' } }, TOPIC]);
    expect(fanout.deliver(entry({ values: ['2', 2] }))).toBe(5);
    expect(base.map((peer) => peer.received().length)).toEqual([0, 1, 1]);
    expect(fanout.deliver({ ...entry(), topic: { package: 'p', page: 'other' } })).toBe(0);
  });

  test('notes what a v1 peer has been told, so that its next mark need not say it again (R-5.6)', () => {
    const { fanout, v1 } = audience(1);
    tell(v1[0]?.memberships[0] as Membership, { epoch: 'e', offset: 6 });
    fanout.deliver(entry({ values: '2' }, 7));
    fanout.deliver(entry({ values: 'nobody' }, 8));
    expect(toldOf(v1[0]?.memberships[0] as Membership)).toEqual({ epoch: 'e', offset: 7 });
  });

  test('two deliveries reach everybody in the same order (R-2.9)', () => {
    const { fanout, v1 } = audience(5);
    for (let offset = 1; offset <= 9; offset++) fanout.deliver(entry({ values: '2' }, offset));
    for (const peer of v1) {
      const offsets = peer.received().map((message) => (message as { position: Position }).position.offset);
      expect(offsets).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
  });
});

describe('a peer that is too far behind', () => {
  const ELSEWHERE = { package: 'p', page: 'elsewhere' };

  test.each([
    ['in an audience', [TOPIC]],
    ['that follows several topics', [TOPIC, ELSEWHERE]],
  ])('%s is dropped with 1013, and everybody else gets the delivery (R-4.1)', async (_where, subscriptions) => {
    const registry = new Registry();
    const flusher = new Flusher({ maxOutboxBytes: 1000, slowReaderTimeoutMs: 10_000 });
    const fanout = new Fanout(registry, flusher);
    const peers = Array.from({ length: 9 }, (_, index) => new FakePeer(`c${index}`, 'base', flusher));
    for (const peer of peers) {
      registry.replace(peer, subscriptions);
      const drop = peer.drop.bind(peer);
      peer.drop = (code) => {
        drop(code);
        registry.remove(peer);
      };
    }
    for (const index of [2, 5]) {
      const { socket } = peers[index] as FakePeer;
      socket.writableLength = 1000;
      socket.takesNothing = true;
    }
    expect(fanout.deliver(entry())).toBe(9);
    await new Promise((resolve) => setImmediate(resolve));
    expect(peers.filter((peer) => peer.drops.length > 0).map((peer) => [peer.id, peer.drops])).toEqual([
      ['c2', [1013]],
      ['c5', [1013]],
    ]);
    expect(peers.filter((peer) => peer.drops.length === 0).map((peer) => peer.socket.messages.length)).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect(fanout.deliver(entry())).toBe(7);
    flusher.stop();
  });
});

describe('a reset', () => {
  test('reaches every v1 subscriber of the topic, whatever it filters, in order, and no base peer (R-5.1, R-5.6)', () => {
    const { registry, fanout, base, v1 } = audience(3);
    const elsewhere = new FakePeer('elsewhere', 'v1');
    registry.replace(elsewhere, [{ package: 'p', page: 'other' }]);
    registry.replace(v1[2] as FakePeer, [{ ...TOPIC, filters: { values: 'nobody' } }]);
    fanout.deliver(entry());
    fanout.reset(TOPIC, { epoch: 'f', offset: 0 });
    const reset = { sender: 'server', reset: [{ ...TOPIC, epoch: 'f', offset: 0 }] };
    expect(v1[0]?.received()).toMatchObject([{ position: { offset: 1 } }, reset]);
    expect(v1[2]?.received()).toEqual([reset]);
    expect(base.map((peer) => peer.received().length)).toEqual([1, 1, 1]);
    expect(elsewhere.received()).toEqual([]);
    expect(toldOf(v1[0]?.memberships[0] as Membership)).toEqual({ epoch: 'f', offset: 0 });
  });

  test('of a topic that nobody watches is nothing', () => {
    const { fanout, v1 } = audience(1);
    fanout.reset({ package: 'nobody', page: 'nowhere' }, { epoch: 'f', offset: 0 });
    expect(v1[0]?.received()).toEqual([]);
  });
});
