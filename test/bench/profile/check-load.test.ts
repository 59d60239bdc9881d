import { describe, expect, test } from 'vitest';
import type { PlannedFault } from '../../../src/bench/load/load.js';
import { checkLoad } from '../../../src/bench/profile/check-load.js';
import { completeProfile } from '../../../src/bench/profile/complete-profile.js';
import type { LoadPart } from '../../../src/bench/profile/load-shape.js';

const check = (part: LoadPart) => checkLoad(completeProfile([part], 1).load);

const CUT: PlannedFault = { kind: 'cut', firstMs: 2000, everyMs: null, share: 0.1, forMs: 1000 };

describe('a load whose members do not fit together', () => {
  test.each<readonly [string, LoadPart, string]>([
    [
      'more channels than subscriptions',
      { subscribers: 5, channels: 6 },
      '6 `channels` (--channels) are more than 5 subscribers can subscribe to: each channel needs one, so take fewer channels, or more `subscribers` (--subscribers)',
    ],
    [
      'more channels than those who listen subscribe to',
      { subscribers: 10, channels: 9, hostile: { slow: 0.1, never: 0.1 } },
      '9 `channels` (--channels) are more than 8 subscribers that are not hostile can subscribe to: each channel needs one, so take fewer channels, or more `subscribers` (--subscribers)',
    ],
    [
      'more subscriptions than channels',
      { channels: 3, subscriptions: 4 },
      '4 `subscriptions` (--subscriptions) of a subscriber need as many `channels` (--channels), found 3',
    ],
    [
      'nearly all hostile',
      { hostile: { slow: 0.5, never: 0.45 } },
      'the shares of `hostile` (--hostile) are 95% together, expected at most 90%',
    ],
    [
      'nobody who listens',
      { subscribers: 1, channels: 1, hostile: { slow: 0.1 } },
      'none of 1 `subscribers` (--subscribers) would listen: take more of them, or fewer `hostile` ones (--hostile)',
    ],
    [
      'notifications that their index and filters do not fit into',
      { subscribers: 1000, channels: 100, size: 50 },
      'a `size` (--size) of 50 bytes is too small, expected at least 157, which index and filters take',
    ],
    [
      'faults without what can resume',
      { faults: [CUT] },
      '`faults` (--faults) need `protocol: v1` (--protocol v1), found auto: the base protocol cannot resume what it missed',
    ],
    [
      'faults beside publishers that get no receipts with positions',
      { faults: [CUT], protocol: 'v1', publishers: { kind: 'http' } },
      '`faults` (--faults) need persistent `publishers` (--publishers), found http: where a notification stands, and so who was told that it is lost, is in their receipts alone',
    ],
    [
      'faults beside arrivals that wait for everybody',
      { faults: [CUT], protocol: 'v1', arrivals: { kind: 'max', window: 8 } },
      '`faults` (--faults) do not go with `arrivals: max` (--arrivals max), which waits for those that are cut off: give a --rate',
    ],
    [
      'a fault behind the hold',
      { faults: [CUT], protocol: 'v1', phases: { hold: 2000 } },
      'the first fault of kind cut (--faults) is at 2 s, expected one before the end of the `hold` (--duration) of 2 s',
    ],
    [
      'a fault that hits nobody',
      { faults: [{ ...CUT, share: 0 }], protocol: 'v1' },
      'the `share` of a fault of kind cut (--faults) is 0, expected more',
    ],
    [
      'a restart that is not over when the next one comes',
      { faults: [{ kind: 'restart', signal: 'SIGKILL', firstMs: 1000, everyMs: 1000, forMs: 1000 }], protocol: 'v1' },
      'a restart `every` 1 s (--faults) cannot keep the broker away `for` 1 s: take a longer `every`',
    ],
    [
      'too many notifications',
      { arrivals: { kind: 'constant', rate: 100_000 }, phases: { hold: 100_010, warmUp: 0 } },
      '`arrivals` (--rate) and `hold` (--duration) come to 10,001,000 notifications, expected at most 10,000,000',
    ],
    [
      'too many deliveries',
      { subscribers: 100_000, channels: 1, arrivals: { kind: 'steps', rates: [1000, 2000] }, phases: { hold: 10_000, warmUp: 0 } },
      'this comes to 1,500,000,000 deliveries, expected at most 1,000,000,000: take more `channels` (--channels), a lower rate, or a shorter hold',
    ],
    [
      'too many deliveries, since most go to the channel that most have',
      {
        subscribers: 100_000,
        channels: 100,
        spread: { kind: 'zipf', exponent: 5 },
        traffic: { kind: 'zipf', exponent: 5 },
        arrivals: { kind: 'constant', rate: 1500 },
        phases: { hold: 10_000, warmUp: 0 },
      },
      'deliveries, expected at most 1,000,000,000',
    ],
  ])('is refused: %s', (_, part, sentence) => {
    expect(check(part)).toHaveLength(1);
    expect(check(part)[0]).toContain(sentence);
  });

  test.each<LoadPart>([
    {},
    { arrivals: { kind: 'constant', rate: 100_000 }, phases: { hold: 100_000, warmUp: 0 } },
    { subscribers: 5, channels: 5 },
    { subscribers: 5, channels: 10, subscriptions: 2 },
    { hostile: { slow: 0.3, never: 0.3, reconnecting: 0.3 } },
    { subscribers: 100_000, channels: 100_000, arrivals: { kind: 'constant', rate: 1000 } },
    { subscribers: 100_000, channels: 1, arrivals: { kind: 'max', window: 1000 }, phases: { hold: 3_600_000 } },
  ])('is one of few: %j is right', (part) => {
    expect(check(part)).toEqual([]);
  });
});
