import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LOAD, type Load } from '../../../src/bench/load/load.js';
import { addressOf, subscriptionsOf } from '../../../src/bench/plan/address.js';
import { createWorkload, type Workload } from '../../../src/bench/plan/workload.js';
import { matches } from '../../../src/protocol/index.js';

const RUN = '0123456789ab';

const anySpread = fc.oneof(
  fc.constant({ kind: 'uniform' as const }),
  fc.record({ kind: fc.constant('zipf' as const), exponent: fc.double({ min: 0, max: 3, noNaN: true }) }),
);
const anyLoad: fc.Arbitrary<Load> = fc
  .record({
    subscribers: fc.integer({ min: 5, max: 60 }),
    channels: fc.integer({ min: 1, max: 20 }),
    spread: anySpread,
    traffic: anySpread,
    hostile: fc.record({ slow: shareOf(0.2), never: shareOf(0.2), 'half-open': shareOf(0.2), reconnecting: shareOf(0.2) }),
    seed: fc.nat(),
  })
  .chain((load) => fc.integer({ min: 1, max: load.channels }).map((subscriptions) => ({ ...DEFAULT_LOAD, ...load, subscriptions })));

function shareOf(max: number): fc.Arbitrary<number> {
  return fc.oneof(fc.constant(0), fc.double({ min: 0, max, noNaN: true }));
}

function channelsOf({ subscriberChannels, subscriptions }: Workload, subscriber: number): Uint32Array {
  return subscriberChannels.subarray(subscriber * subscriptions, (subscriber + 1) * subscriptions);
}

describe('a workload', () => {
  it('expects as many receivers of a channel as there are honest subscribers that `matches` finds', () => {
    fc.assert(
      fc.property(anyLoad, (load) => {
        const workload = createWorkload(load, 0, RUN);
        const found = Array.from({ length: load.channels }, (_, channel) => {
          const address = addressOf(RUN, channel);
          const honest = Array.from(workload.behaviourOf.keys()).filter((subscriber) => workload.behaviourOf[subscriber] === 0);
          return honest.filter((subscriber) => subscriptionsOf(RUN, channelsOf(workload, subscriber)).some((own) => matches(own, address)))
            .length;
        });
        expect(Array.from(workload.receiversOf)).toEqual(found);
      }),
      { numRuns: 50 },
    );
  });

  it('has a level number of receivers in a uniform spread, hostile subscribers or not', () => {
    fc.assert(
      fc.property(anyLoad, (load) => {
        const { receiversOf } = createWorkload({ ...load, spread: { kind: 'uniform' } }, 0, RUN);
        expect(Math.max(...receiversOf) - Math.min(...receiversOf)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('gives each subscriber different channels, hostile ones too', () => {
    fc.assert(
      fc.property(anyLoad, (load) => {
        const workload = createWorkload(load, 0, RUN);
        expect(workload.behaviourOf.length).toBe(load.subscribers);
        for (const subscriber of workload.behaviourOf.keys()) {
          expect(new Set(channelsOf(workload, subscriber)).size).toBe(load.subscriptions);
        }
      }),
    );
  });

  it('has the hostile subscribers go on with the channels where the honest ones ended', () => {
    const load: Load = { ...DEFAULT_LOAD, subscribers: 10, channels: 10, hostile: { ...DEFAULT_LOAD.hostile, never: 0.4 } };
    const { behaviourOf, subscriberChannels } = createWorkload(load, 0, RUN);
    const chosenBy = (isHonest: boolean) =>
      Array.from(subscriberChannels.filter((_, subscriber) => (behaviourOf[subscriber] === 0) === isHonest));
    expect(chosenBy(true)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(chosenBy(false)).toEqual([6, 7, 8, 9]);
  });

  it('ranks the notifications of each channel from 0', () => {
    fc.assert(
      fc.property(anyLoad, fc.nat(300), (load, count) => {
        const { channelOf, rankOf } = createWorkload(load, count, RUN);
        const sizes = new Map<number, number>();
        expect([channelOf.length, rankOf.length]).toEqual([count, count]);
        channelOf.forEach((channel, index) => {
          const before = sizes.get(channel) ?? 0;
          expect(channel).toBeLessThan(load.channels);
          expect(rankOf[index]).toBe(before);
          sizes.set(channel, before + 1);
        });
      }),
    );
  });

  it('is the same for the same load, whatever the run, and goes on as before with a greater count', () => {
    fc.assert(
      fc.property(anyLoad, fc.nat(300), (load, count) => {
        const workload = createWorkload(load, count, RUN);
        const longer = createWorkload(load, 2 * count, 'ffffffffffff');
        expect(createWorkload(load, count, 'ffffffffffff')).toEqual(workload);
        expect({ ...longer, channelOf: longer.channelOf.slice(0, count), rankOf: longer.rankOf.slice(0, count) }).toEqual(workload);
      }),
    );
  });

  it('sends elsewhere with another seed, and the same with other subscribers', () => {
    const load: Load = { ...DEFAULT_LOAD, seed: 1 };
    const { channelOf } = createWorkload(load, 1000, RUN);
    expect(createWorkload({ ...load, seed: 2 }, 1000, RUN).channelOf).not.toEqual(channelOf);
    expect(createWorkload({ ...load, subscribers: 57, hostile: { ...load.hostile, slow: 0.3 } }, 1000, RUN).channelOf).toEqual(channelOf);
  });

  it('sends to channels as often as the traffic says, whatever the spread of subscribers', () => {
    const load: Load = { ...DEFAULT_LOAD, channels: 3, traffic: { kind: 'zipf', exponent: 1 } };
    const { channelOf, receiversOf } = createWorkload(load, 11_000, RUN);
    const times = [0, 1, 2].map((channel) => channelOf.filter((each) => each === channel).length);
    [6000, 3000, 2000].forEach((expected, channel) => {
      expect(Math.abs((times[channel] as number) - expected)).toBeLessThan(4 * Math.sqrt(expected));
    });
    expect(Array.from(receiversOf)).toEqual([34, 33, 33]);
  });

  it('lies in memory that all threads see', () => {
    const { channelOf, rankOf, subscriberChannels, behaviourOf, receiversOf } = createWorkload(DEFAULT_LOAD, 10, RUN);
    for (const array of [channelOf, rankOf, subscriberChannels, behaviourOf, receiversOf]) {
      expect(array.buffer).toBeInstanceOf(SharedArrayBuffer);
    }
  });

  it('is an error when a subscriber wants more channels than there are', () => {
    expect(() => createWorkload({ ...DEFAULT_LOAD, channels: 2, subscriptions: 3 }, 10, RUN)).toThrow(
      new RangeError('expected at most as many subscriptions a subscriber as there are channels, 2; found 3'),
    );
  });
});
