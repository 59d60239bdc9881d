import { expect } from 'vitest';
import { closePayload, type FrameSpec, OPCODE, type Peer } from '../../src/peer/index.js';
import type { Broker } from '../../src/server/index.js';
import { publication, subscriptionsText, TOPIC } from './peers.js';
import { openStrictReader, type StrictOptions, type StrictReader } from './strict-reader.js';

const KIB = 1024;

/** What a broker under a storm takes: messages over 1 MiB, readers that are as slow as they like, and pings all the time. */
export const STORM_OPTIONS = {
  maxMessageBytes: 2048 * KIB,
  maxOutboxBytes: KIB * KIB * KIB,
  slowReaderTimeoutMs: 60_000,
  closeTimeoutMs: 60_000,
  drainTimeoutMs: 60_000,
  pingIntervalMs: 50,
};

/** How a connection ends in the middle of a storm, and with which code the broker closes it. */
export interface Ending {
  readonly code: number;
  /** What the reader sends; nothing where the broker ends it by itself. */
  readonly frames: readonly FrameSpec[];
  readonly dialects: readonly StrictOptions['dialect'][];
}

const BOTH = ['base', 'v1'] as const;
const text = (payload: string | Uint8Array): FrameSpec => ({ opcode: OPCODE.text, payload });

/** By what is sent. */
export const ENDINGS: Readonly<Record<string, Ending>> = {
  'a close frame': { code: 1000, frames: [{ opcode: OPCODE.close, payload: closePayload(1000, 'enough') }], dialects: BOTH },
  'a close frame between two fragments': {
    code: 1005,
    frames: [{ opcode: OPCODE.text, fin: false, payload: '{"sender":' }, { opcode: OPCODE.close }],
    dialects: BOTH,
  },
  'a binary message': { code: 1003, frames: [{ opcode: OPCODE.binary, payload: 'x' }], dialects: BOTH },
  'a frame without a mask': { code: 1002, frames: [{ ...text('{}'), mask: false }], dialects: BOTH },
  'a ping of 126 bytes': { code: 1002, frames: [{ opcode: OPCODE.ping, payload: 'p'.repeat(126) }], dialects: BOTH },
  'text that is not UTF-8': { code: 1007, frames: [text(Buffer.of(0xff, 0xfe))], dialects: BOTH },
  'a message that is too long': { code: 1009, frames: [text('x'.repeat(2048 * KIB + 1))], dialects: BOTH },
  'an invalid message': { code: 4400, frames: [text('{}')], dialects: ['base'] },
  'a publication': { code: 1000, frames: [text(publication({ ...TOPIC, page: 'elsewhere' }))], dialects: ['base'] },
};

/** A number from 0 up to `sides`, which it does not reach; the same ones for the same seed. */
type Roll = (sides: number) => number;

/** `ws` cuts off whoever pings once more while 60 pongs wait for it. */
const MOST_PENDING_PINGS = 50;

/** One reader of a storm: what it has asked for, and when it ends. */
class Rider {
  readonly reader: StrictReader;
  readonly pings: string[] = [];
  hasEnded = false;
  #isHolding = false;
  readonly #roll: Roll;

  constructor(reader: StrictReader, roll: Roll) {
    this.reader = reader;
    this.#roll = roll;
  }

  /** Sends a message in fragments with pings between them, and stops reading or goes on. */
  act(): void {
    if (this.hasEnded) return;
    const message = subscriptionsText([TOPIC]);
    const cuts = [0, this.#roll(message.length), message.length].sort((one, other) => one - other);
    for (const [index, from] of cuts.entries()) {
      const isLast = index === cuts.length - 1;
      this.reader.send({
        opcode: index === 0 ? OPCODE.text : OPCODE.continuation,
        fin: isLast,
        payload: message.slice(from, cuts[index + 1]),
      });
      if (!isLast) for (let count = this.#roll(4); count > 0; count--) this.#ping();
    }
    if (this.#isHolding) return;
    if (this.#roll(8) === 0) this.reader.pause();
    else if (this.#roll(4) === 0) this.reader.resume();
  }

  /** Reads nothing until the storm is over, so that much waits for it when it ends. */
  hold(): void {
    this.#isHolding = true;
    this.reader.pause();
  }

  end(frames: readonly FrameSpec[]): void {
    this.hasEnded = true;
    for (const frame of frames) this.reader.send(frame);
  }

  #ping(): void {
    if (this.pings.length - this.reader.pongs.length >= MOST_PENDING_PINGS) return;
    const ping = `${this.pings.length} `.padEnd(this.#roll(126), 'p').slice(0, 125);
    this.pings.push(ping);
    this.reader.send({ opcode: OPCODE.ping, payload: ping });
  }
}

export interface Storm {
  readonly broker: Broker;
  /** Persistent, of `wsn.v1`. */
  readonly publisher: Peer;
  readonly roll: Roll;
  readonly reader: StrictOptions;
}

/** Notifications of one storm. */
const COUNT = 160;

function sizeFrom(roll: Roll): number {
  const kind = roll(12);
  if (kind === 0) return 1024 * KIB + roll(400 * KIB);
  return kind < 3 ? 64 * KIB + roll(100 * KIB) : roll(200);
}

/**
 * Publishes small and huge notifications to three readers that ping, fragment and pause; ends each of them in the
 * midst by calling `end`, and expects that all they were sent is whole frames up to the close frame.
 */
async function ride({ broker, publisher, roll, reader }: Storm, end: (rider: Rider) => void): Promise<readonly Rider[]> {
  const riders = await Promise.all(Array.from({ length: 3 }, async () => new Rider(await openStrictReader(broker, reader), roll)));
  for (const rider of riders) rider.reader.send(text(subscriptionsText([TOPIC])));
  await expect.poll(() => broker.stats().registry.memberships).toBe(riders.length);
  const life = setInterval(() => {
    for (const rider of riders) if (!rider.hasEnded) rider.reader.send({ opcode: OPCODE.pong, payload: 'unasked' });
  }, 5);
  const lastOf = riders.map(() => COUNT / 2 + roll(COUNT / 4));
  for (let data = 1; data <= COUNT; data++) {
    publisher.send(publication({ ...TOPIC, data, message: 'm'.repeat(sizeFrom(roll)) }));
    for (const [index, rider] of riders.entries()) {
      rider.act();
      if (index > 0 && data === COUNT / 4) rider.hold();
      if (data === lastOf[index]) end(rider);
    }
    if (roll(4) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  clearInterval(life);
  for (const rider of riders) rider.reader.resume();
  await Promise.all(riders.map((rider) => rider.reader.closed));
  return riders;
}

function expectWhole({ reader, pings }: Rider, code: number): void {
  expect(reader.faults).toEqual([]);
  expect(reader.closeCode).toBe(code);
  expect(reader.data.length).toBeGreaterThan(0);
  expect(reader.data).toEqual(Array.from({ length: reader.data.length }, (_, index) => index + 1));
  expect(reader.pongs).toEqual(pings.slice(0, reader.pongs.length));
}

/** A storm in which each reader ends its own connection. */
export async function endInStorm(storm: Storm, { code, frames }: Ending): Promise<void> {
  const riders = await ride(storm, (rider) => rider.end(frames));
  for (const rider of riders) {
    expectWhole(rider, code);
    // The ping that breaks the rules is none of them.
    expect(rider.reader.pongs).toEqual(rider.pings);
  }
  expect(riders.reduce((sum, { reader }) => sum + reader.pings, 0)).toBeGreaterThan(0);
}

/** A storm in which the broker shuts down; what had been published before that still comes, then 1001. */
export async function shutDownInStorm(storm: Storm): Promise<void> {
  let published: number | undefined;
  const riders = await ride(storm, (rider) => {
    rider.hasEnded = true;
    if (published !== undefined) return;
    published = storm.broker.stats().published;
    void storm.broker.close();
  });
  for (const rider of riders) {
    expectWhole(rider, 1001);
    expect(rider.reader.data.length).toBeGreaterThanOrEqual(published ?? Number.NaN);
  }
}
