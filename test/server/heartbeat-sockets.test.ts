import { describe, expect, it } from 'vitest';
import { OPCODE, writeFrame } from '../../src/peer/index.js';
import { startTestBroker } from '../support/broker.js';
import { connect, connectV1, EVERYTHING, nextData, notice, publish, subscribe, subscriber, subscriptionsText } from '../support/peers.js';

const pingIntervalMs = 100;

/** Resolves when `count` pings have come to a new peer that gives no other sign than `answer`. */
async function survive(broker: Awaited<ReturnType<typeof startTestBroker>>, answer: () => Uint8Array) {
  let pings = 0;
  const peer = await connect(broker, {
    answerPings: false,
    onFrame: ({ opcode }) => {
      if (opcode !== OPCODE.ping) return;
      pings++;
      peer.bytes(answer());
    },
  });
  return { peer, pings: () => pings };
}

describe('the heartbeat', () => {
  it('leaves base and v1 peers alone that answer its pings (R-4.5)', async () => {
    await using broker = await startTestBroker({ pingIntervalMs });
    const opcodes: number[] = [];
    await using base = await subscriber(broker, EVERYTHING, { onFrame: ({ opcode }) => opcodes.push(opcode) });
    await using _v1 = await connectV1(broker, { onMessage: () => {} });
    await expect.poll(() => opcodes.filter((opcode) => opcode === OPCODE.ping).length, { timeout: 5000 }).toBeGreaterThan(4);
    await publish(broker, notice('still here'));
    expect(await nextData(base)).toBe('still here');
    await expect.poll(() => broker.stats()).toMatchObject({ peers: 2, silent: 0 });
  });

  it('destroys a silent one, base or v1, and forgets it, while others stay (R-4.5)', async () => {
    await using broker = await startTestBroker({ pingIntervalMs });
    await using control = await connect(broker);
    const silent = [await subscriber(broker, EVERYTHING, { answerPings: false }), await connectV1(broker, { answerPings: false })];
    for (const peer of silent) expect(await peer.closed).toMatchObject({ code: 1006 });
    await expect.poll(() => broker.stats()).toMatchObject({ peers: 1, silent: 2, registry: { memberships: 0 } });
    await control.barrier();
  });

  it('destroys a silent one with the second ping that it should have been sent, not before (R-4.5)', async () => {
    await using broker = await startTestBroker({ pingIntervalMs });
    let pings = 0;
    await using peer = await connect(broker, { answerPings: false, onFrame: ({ opcode }) => void (opcode === OPCODE.ping && pings++) });
    await peer.closed;
    expect(pings).toBe(1);
  });

  it.each([
    ['an unasked pong', () => writeFrame({ opcode: OPCODE.pong })],
    ['a ping', () => writeFrame({ opcode: OPCODE.ping })],
    ['a message', () => writeFrame({ opcode: OPCODE.text, payload: subscriptionsText([]) })],
    ['a fragment, each time another', nextFragment()],
    ['a byte of a frame that is long', nextByte()],
  ])('takes %s for a sign of life (R-4.5)', async (_, answer) => {
    await using broker = await startTestBroker({ pingIntervalMs });
    const { peer, pings } = await survive(broker, answer);
    await using _peer = peer;
    await expect.poll(pings, { timeout: 5000 }).toBeGreaterThan(4);
    expect(broker.stats()).toMatchObject({ peers: 1, silent: 0 });
  });

  it('does not hurry a peer that has nothing to ask for (R-2.2)', async () => {
    await using broker = await startTestBroker({ pingIntervalMs });
    const opcodes: number[] = [];
    await using peer = await connect(broker, { onFrame: ({ opcode }) => opcodes.push(opcode) });
    await expect.poll(() => opcodes.length, { timeout: 5000 }).toBeGreaterThan(3);
    await subscribe(peer, EVERYTHING);
    await publish(broker, notice('in time'));
    expect(await nextData(peer)).toBe('in time');
  });
});

/** The pieces of a message that does not end. */
function nextFragment(): () => Uint8Array {
  let count = 0;
  return () => writeFrame({ opcode: count++ === 0 ? OPCODE.text : OPCODE.continuation, fin: false, payload: ' ' });
}

/** The bytes of a frame of 1,000 bytes. */
function nextByte(): () => Uint8Array {
  const frame = writeFrame({ opcode: OPCODE.text, payload: ' '.repeat(1000) });
  let at = 0;
  return () => frame.subarray(at, ++at);
}
