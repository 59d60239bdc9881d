import { describe, expect, test } from 'vitest';
import { errorsOf, read } from './reading.js';

describe('a load in a file', () => {
  test.each([
    [
      'subscribers: 1000\nchannels: 50\nsubscriptions: 2\nseed: 0\nworkers: 2',
      { subscribers: 1000, channels: 50, subscriptions: 2, seed: 0, workers: 2 },
    ],
    ['spread: uniform\ntraffic: { zipf: 1.1 }', { spread: { kind: 'uniform' }, traffic: { kind: 'zipf', exponent: 1.1 } }],
    ['protocol: base', { protocol: 'base' }],
    ['connect: { rate: 500, inFlight: 64 }', { connect: { rate: 500, inFlight: 64 } }],
    ['connect: { rate: null }', { connect: { rate: null } }],
    ['publishers: persistent', { publishers: { kind: 'persistent' } }],
    ['publishers: { kind: http, connections: 2 }', { publishers: { kind: 'http', connections: 2 } }],
    ['arrivals: { constant: 0.5 }', { arrivals: { kind: 'constant', rate: 0.5 } }],
    ['arrivals: { poisson: 200 }', { arrivals: { kind: 'poisson', rate: 200 } }],
    ['arrivals: { ramp: [100, 2000] }', { arrivals: { kind: 'ramp', from: 100, to: 2000 } }],
    ['arrivals: { steps: [100, 200, 400] }', { arrivals: { kind: 'steps', rates: [100, 200, 400] } }],
    ['arrivals: { max: 8 }', { arrivals: { kind: 'max', window: 8 } }],
    ['arrivals: max', { arrivals: { kind: 'max', window: 64 } }],
    ['size: 300', { size: 300 }],
    ['size: 2 KB', { size: 2048 }],
    ['size: 1.5KiB', { size: 1536 }],
    ['phases: { ready: 1m, warmUp: 0, hold: 1500ms, drain: 5s }', { phases: { ready: 60_000, warmUp: 0, hold: 1500, drain: 5000 } }],
    ['hostile: { slow: 5%, never: 0.01, half-open: 2.5 % }', { hostile: { slow: 0.05, never: 0.01, 'half-open': 0.025 } }],
    ["thresholds: ['latency.p99<50ms', lost==0]", { thresholds: ['latency.p99<50ms', 'lost==0'] }],
    [
      'limits: { lateShare: 1%, loopDelay: 200ms, busyShare: 95%, cpuShare: 1, gcPause: 100ms, backlog: 1s }',
      { limits: { lateShare: 0.01, loopDelay: 200, busyShare: 0.95, cpuShare: 1, gcPause: 100, backlog: 1000 } },
    ],
  ])('is read: %s', (text, part) => {
    expect(read(text)).toEqual(part);
  });

  test.each([
    ['subscribers: 0', '1:14: found the number 0, expected a whole number from 1 to 200000'],
    ['subscribers: 200001', '1:14: found the number 200001, expected a whole number from 1 to 200000'],
    ['channels: 100001', '1:11: found the number 100001, expected a whole number from 1 to 100000'],
    ['channels: 1.5', '1:11: found the number 1.5, expected a whole number from 1 to 100000'],
    ['subscirbers: 5', '1:1: there is no member "subscirbers": did you mean "subscribers"?'],
    ['spread: zipf', '1:9: found the text "zipf", expected uniform, or zipf with its exponent, { zipf: 1.1 }'],
    ['spread: { zipf: 0 }', '1:17: found the number 0, expected a number from 0.01 to 10'],
    ['arrivals: { constant: 0 }', '1:23: found the number 0, expected a number from 0.1 to 200000'],
    ['arrivals: { ramp: [1] }', '1:19: found a list, expected a list of 2'],
    ['arrivals: { ramp: [1, 2, 3] }', '1:19: found a list, expected a list of 2'],
    ['arrivals: { steps: [] }', '1:20: found an empty list, expected a list of at least 1'],
    ['arrivals: { constant: 1, max: 1 }', '1:11: found "constant" and "max", of which only one may be given'],
    ['arrivals: constant', '1:11: found the text "constant", expected max, or { constant: 100 }'],
    [
      'publishers: persistant',
      '1:13: found the text "persistant", expected one of auto, persistent, ephemeral, http: did you mean "persistent"?',
    ],
    ['size: 17 MB', '1:7: found the text "17 MB", expected a size such as 200 or 2 KB, at most 16 MB'],
    ['size: 0', '1:7: found the number 0, expected a size such as 200 or 2 KB, at most 16 MB'],
    ['phases: { hold: 5ms }', '1:17: found the text "5ms", expected a duration such as 300ms or 2s, of at least 10ms'],
    ['phases: { hold: 10 }', '1:17: found the number 10, expected a duration such as 300ms or 2s, of at least 10ms'],
    ['hostile: { slow: 5 }', '1:18: found the number 5, expected a share such as 5% or 0.05, at most 90%'],
    ['limits: { lateShare: 101% }', '1:22: found the text "101%", expected a share such as 5% or 0.05, at most 100%'],
    ['limits: { loopdelay: 1s }', '1:11: there is no member "loopdelay": did you mean "loopDelay"?'],
    ['- 1', '1:1: found a list, expected a map'],
  ])('is refused with its place: %s', (text, message) => {
    expect(errorsOf(text).split('\n')[0]).toContain(`load.yaml:${message}`);
  });
});
