import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { addressOf, assertChannelsApart, subscriptionsOf } from '../../../src/bench/plan/address.js';
import * as protocol from '../../../src/protocol/index.js';

vi.mock('../../../src/protocol/index.js', { spy: true });
afterEach(() => {
  vi.mocked(protocol.matches).mockReset();
});

const RUN = '0123456789ab';

describe('the address of a channel', () => {
  it('is a value that its subscribers ask for, in the package of the run', () => {
    expect(subscriptionsOf(RUN, [3, 14])).toEqual([
      { package: 'wsn-bench-0123456789ab', page: 'load', filters: { values: { channel: ['3'] } } },
      { package: 'wsn-bench-0123456789ab', page: 'load', filters: { values: { channel: ['14'] } } },
    ]);
    expect(addressOf(RUN, 14)).toEqual({ package: 'wsn-bench-0123456789ab', page: 'load', filters: { values: { channel: '14' } } });
  });

  it('is wanted by those who subscribe to the channel, and by nobody else', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(200), { maxLength: 5 }), fc.nat(200), (channels, channel) => {
        for (const wanted of [channels, Uint32Array.from(channels)]) {
          const isWanted = subscriptionsOf(RUN, wanted).some((subscription) => protocol.matches(subscription, addressOf(RUN, channel)));
          expect(isWanted).toBe(channels.includes(channel));
        }
      }),
    );
  });

  it("is not wanted by another run's subscribers", () => {
    expect(subscriptionsOf('other', [3]).some((subscription) => protocol.matches(subscription, addressOf(RUN, 3)))).toBe(false);
  });
});

describe('making sure that channels are apart', () => {
  it.each([
    ['every pair', 20, 400],
    ['each with itself and its neighbours and many drawn pairs', 1001, 3 * 1001 + 200_000],
  ])('asks `matches` for %s', (_, channels, times) => {
    assertChannelsApart(RUN, channels, 1);
    expect(vi.mocked(protocol.matches)).toHaveBeenCalledTimes(times);
  });

  it.each([
    ['does not match', false, 0],
    ['matches', true, 1],
  ])('is an error where a subscription %s against expectation', (relation, answer, given) => {
    vi.mocked(protocol.matches).mockReturnValue(answer);
    expect(() => assertChannelsApart(RUN, 20, 1)).toThrow(
      `a subscription to channel 0 ${relation} a notification to channel ${given}: expected a match of equals alone`,
    );
  });
});
