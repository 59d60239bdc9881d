import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEnvelope } from '../../src/bench/envelope.js';
import { constantRate } from '../../src/bench/pacer.js';
import { createWorkload, type WorkloadOptions } from '../../src/bench/workload.js';
import { decodePeerMessage, matches, type PublishMessage } from '../../src/protocol/index.js';

const OPTIONS: WorkloadOptions = { subscribers: 10, channels: 4, count: 1000, sizeBytes: 200, seed: 1, run: '0123456789ab' };

function setUp(options: Partial<WorkloadOptions> = {}) {
  const workload = createWorkload({ ...OPTIONS, ...options });
  return { workload, envelope: createEnvelope(workload, constantRate(1000, workload.options.count)) };
}

/** The notification as a broker decodes it. */
function decoded(bytes: Buffer) {
  const text = `{"sender":"server","notification":${bytes}}`;
  return (decodePeerMessage({ bytes: Buffer.from(text), text }, 'base') as PublishMessage).notification;
}

describe('the workload', () => {
  it('subscribes subscriber i to channel i modulo the number of channels', () => {
    const { workload } = setUp();
    expect([0, 3, 4, 9].map((i) => workload.subscriptionOf(i).filters)).toEqual(
      ['0', '3', '0', '1'].map((channel) => ({ values: { channel: [channel] } })),
    );
  });

  it('expects a delivery exactly where `matches` accepts what is really sent', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 12 }), fc.nat(), (subscribers, channels, seed) => {
        const { workload, envelope } = setUp({ subscribers, channels, seed, count: 20 });
        for (let index = 0; index < 20; index++) {
          const notification = decoded(envelope.notification(index));
          const channel = workload.channelOf(index);
          const wanting = Array.from({ length: subscribers }, (_, i) => matches(workload.subscriptionOf(i), notification));
          expect(wanting).toEqual(wanting.map((_, i) => workload.isFor(i, channel)));
          expect(workload.receiversOf(channel)).toBe(wanting.filter(Boolean).length);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('ranks the notifications of each channel from 0', () => {
    const { workload } = setUp();
    const ranks = new Map<number, number[]>();
    for (let index = 0; index < OPTIONS.count; index++) {
      const channel = workload.channelOf(index);
      ranks.set(channel, [...(ranks.get(channel) ?? []), workload.rankOf(index)]);
    }
    for (const [channel, found] of ranks) expect(found).toEqual(Array.from({ length: workload.sizeOf(channel) }, (_, rank) => rank));
    expect(ranks.size).toBe(4);
  });
});

describe('the envelope', () => {
  it('makes each notification of the size that is wanted, with its index and planned moment in the data', () => {
    const { envelope } = setUp({ sizeBytes: 300 });
    for (const index of [0, 9, 999]) {
      expect(envelope.notification(index).length).toBe(300);
      expect(decoded(envelope.notification(index)).data).toEqual({
        run: OPTIONS.run,
        index: String(index),
        plannedUs: String(index * 1000),
      });
    }
  });

  it('says the smallest size in which all can be written', () => {
    const { smallestSize } = setUp().envelope;
    const { envelope } = setUp({ sizeBytes: smallestSize });
    for (let index = 0; index < OPTIONS.count; index++) expect(envelope.notification(index).length).toBe(smallestSize);
    expect(setUp({ sizeBytes: smallestSize - 1 }).envelope.notification(999).length).toBe(smallestSize);
  });

  it('finds a notification in a frame of either dialect', () => {
    const { envelope } = setUp();
    const bytes = envelope.notification(42);
    const found = { kind: 'notification', index: 42, isIntact: true };
    expect(envelope.open(Buffer.from(`{"sender":"server","notification":${bytes}}`))).toEqual(found);
    expect(envelope.open(Buffer.from(`{"sender":"server","notification":${bytes},"position":{"epoch":"k","offset":1}}`))).toEqual(found);
  });

  it('finds any changed byte of a notification', () => {
    const { envelope } = setUp();
    fc.assert(
      fc.property(fc.nat(999), fc.nat(199), fc.integer({ min: 1, max: 255 }), (index, at, change) => {
        const before = '{"sender":"server","notification":';
        const frame = Buffer.from(`${before}${envelope.notification(index)}}`);
        const place = before.length + at;
        frame[place] = (frame[place] as number) ^ change;
        expect(envelope.open(frame)).not.toEqual({ kind: 'notification', index, isIntact: true });
      }),
    );
  });

  it("takes the broker's other messages for what they are, and another run's notification for a corrupt one", () => {
    const { envelope } = setUp();
    const other = setUp({ run: 'ffffffffffff' }).envelope.notification(1);
    expect(envelope.open(Buffer.from('{"sender":"server","mark":[]}'))).toEqual({ kind: 'other' });
    expect(envelope.open(Buffer.from(`{"sender":"server","notification":${other}}`))).toEqual({ kind: 'corrupt' });
  });

  it('still knows a notification that left long ago', () => {
    const { envelope } = setUp({ count: 10_000 });
    const first = Buffer.from(envelope.notification(0));
    for (let index = 0; index < 10_000; index++) envelope.notification(index);
    expect(envelope.open(Buffer.from(`{"notification":${first}}`))).toEqual({ kind: 'notification', index: 0, isIntact: true });
  });
});
