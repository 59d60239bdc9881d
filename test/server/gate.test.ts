import { describe, expect, test } from 'vitest';
import { OPCODE, writeFrame } from '../../src/peer/index.js';
import { Flusher } from '../../src/server/flusher.js';
import { Gate, type Sender } from '../../src/server/gate.js';
import { startTestBroker } from '../support/broker.js';
import { connect, connectV1, publication, subscriber, subscriptionsText, TOPIC } from '../support/peers.js';

const LIMITS = { maxOutboxBytes: 4 * 1024 * 1024, slowReaderTimeoutMs: 10_000 };
/** More than may wait for a flush. */
const TOO_MUCH = 1024 * 1024;

/** A gate, its flusher, and what was done: acts by name, and when senders were paused and resumed. */
function gateOf(...names: string[]): { gate: Gate; flusher: Flusher; senders: Sender[]; done: string[] } {
  const done: string[] = [];
  const flusher = new Flusher(LIMITS);
  const senders = names.map((name): Sender => {
    let isPaused = false;
    const note = (becomes: boolean): void => {
      if (becomes !== isPaused) done.push(`${becomes ? 'pause' : 'resume'} ${name}`);
      isPaused = becomes;
    };
    return { pause: () => note(true), resume: () => note(false) };
  });
  return { gate: new Gate(flusher), flusher, senders, done };
}

/** Makes the flusher owe too much until the end of this turn. */
function fallBehind(flusher: Flusher): void {
  flusher.owe(TOO_MUCH);
  flusher.schedule({ flush: () => true });
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('a gate', () => {
  test('is open while no more than a little waits for a flush', () => {
    const { gate, flusher } = gateOf();
    expect(gate.isOpen).toBe(true);
    flusher.owe(100 * 1024);
    expect(gate.isOpen).toBe(true);
    fallBehind(flusher);
    expect(gate.isOpen).toBe(false);
    flusher.stop();
  });

  test('lets what waited in when the broker has caught up: each sender in its order, all in turns, and reads from them again', async () => {
    const { gate, flusher, senders, done } = gateOf('a', 'b');
    const [a, b] = senders as [Sender, Sender];
    fallBehind(flusher);
    for (const act of ['a1', 'a2', 'a3']) gate.wait(a, () => done.push(act));
    gate.wait(b, () => done.push('b1'));
    expect(done).toEqual(['pause a', 'pause b']);
    await nextTurn();
    await nextTurn();
    expect(done.slice(2)).toEqual(['a1', 'b1', 'resume b', 'a2', 'a3', 'resume a']);
    expect(gate.isOpen).toBe(true);
    flusher.stop();
  });

  test('closes again when what it lets in is too much, and stays closed for those who come later until all is in', async () => {
    const { gate, flusher, senders, done } = gateOf('a');
    const [a] = senders as [Sender];
    fallBehind(flusher);
    for (const act of ['a1', 'a2', 'a3']) {
      gate.wait(a, () => {
        done.push(act);
        fallBehind(flusher);
      });
    }
    const seen: number[] = [];
    for (let turn = 0; turn < 8; turn++) {
      await nextTurn();
      seen.push(done.filter((name) => name.startsWith('a')).length);
      if (!done.includes('a3')) expect(gate.isOpen).toBe(false);
    }
    // One in a turn, never two.
    expect(seen.map((count, index) => count - (seen[index - 1] ?? 0)).every((more) => more <= 1)).toBe(true);
    expect(done).toEqual(['pause a', 'a1', 'a2', 'a3', 'resume a']);
    flusher.stop();
  });

  test('serves one sender at once when it is settled, and not again later (R-2.8)', async () => {
    const { gate, flusher, senders, done } = gateOf('a', 'b');
    const [a, b] = senders as [Sender, Sender];
    fallBehind(flusher);
    gate.wait(a, () => done.push('a1'));
    gate.wait(b, () => done.push('b1'));
    gate.wait(a, () => done.push('a2'));
    gate.settle(a);
    expect(done).toEqual(['pause a', 'pause b', 'a1', 'a2', 'resume a']);
    gate.settle(a);
    await nextTurn();
    await nextTurn();
    expect(done.slice(5)).toEqual(['b1', 'resume b']);
    flusher.stop();
  });
});

describe('a peer that brings more than the broker can hand on at once', () => {
  // So little that all of it comes in one read, and yet more than may wait for a flush.
  const LIMITED = { maxOutboxBytes: 64 * 1024 };
  const MESSAGE = 'm'.repeat(1000);
  const burst = (count: number): Buffer =>
    Buffer.concat(
      Array.from({ length: count }, (_, data) =>
        writeFrame({ opcode: OPCODE.text, payload: publication({ ...TOPIC, data, message: MESSAGE }) }),
      ),
    );

  test('gets its pong only when all that it sent before is in force, also what had to wait (R-2.8)', async () => {
    await using broker = await startTestBroker(LIMITED);
    await using _reader = await subscriber(broker, [TOPIC], { onMessage: () => {} });
    await using publisher = await connectV1(broker, { onMessage: () => {} });
    publisher.bytes(
      Buffer.concat([burst(20), writeFrame({ opcode: OPCODE.text, payload: subscriptionsText([{ package: 'p', page: 'own' }]) })]),
    );
    await publisher.barrier();
    expect(broker.stats()).toMatchObject({ published: 20, registry: { memberships: 2 } });
  });

  test('and closes behind it has all of it published (R-2.10)', async () => {
    await using broker = await startTestBroker(LIMITED);
    await using _reader = await subscriber(broker, [TOPIC], { onMessage: () => {} });
    await using publisher = await connectV1(broker, { onMessage: () => {} });
    publisher.bytes(Buffer.concat([burst(20), writeFrame({ opcode: OPCODE.close, payload: Buffer.from([3, 232]) })]));
    expect((await publisher.closed).code).toBe(1000);
    expect(broker.stats().published).toBe(20);
  });

  test('and pings between its messages, more often than ws lets pongs wait, is served and answered in order (R-2.8)', async () => {
    await using broker = await startTestBroker(LIMITED);
    await using _reader = await subscriber(broker, [TOPIC], { onMessage: () => {} });
    await using publisher = await connectV1(broker, { onMessage: () => {} });
    const pinged = Array.from({ length: 200 }, () => Buffer.concat([burst(1), writeFrame({ opcode: OPCODE.ping, payload: 'again' })]));
    publisher.bytes(Buffer.concat(pinged));
    await publisher.barrier();
    expect(broker.stats()).toMatchObject({ published: 200, tooSlow: 0 });
  });

  test('and speaks the base protocol has all of it published, though the first one is what closes it (R-2.10)', async () => {
    await using broker = await startTestBroker(LIMITED);
    await using _reader = await subscriber(broker, [TOPIC], { onMessage: () => {} });
    await using other = await connectV1(broker, { onMessage: () => {} });
    other.bytes(burst(200));
    await using publisher = await connect(broker);
    publisher.bytes(burst(200));
    expect((await publisher.closed).code).toBe(1000);
    await other.barrier();
    expect(broker.stats().published).toBe(400);
  });

  test('is not taken for a silent one while nothing is read from it (R-4.5)', async () => {
    await using broker = await startTestBroker({ pingIntervalMs: 40, maxOutboxBytes: 1024 * 1024, closeTimeoutMs: 100 });
    // Publishers wait a moment for it when its kernel takes no more; it goes on saying that it is alive.
    await using reader = await subscriber(broker, [TOPIC], { onMessage: () => {} });
    reader.pause();
    const alive = setInterval(() => reader.frame({ opcode: OPCODE.pong }), 10);
    await using publisher = await connectV1(broker, { onMessage: () => {} });
    const message = 'm'.repeat(64 * 1024);
    const text = publication({ ...TOPIC, data: 0, message });
    for (let count = 0; count < 200; count++) publisher.send(text);
    await publisher.barrier();
    clearInterval(alive);
    expect(broker.stats()).toMatchObject({ published: 200, silent: 0 });
  });
});
