import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { DEFAULT_LIMITS, DEFAULT_LOAD } from '../../../src/bench/load/load.js';
import { readProfileFlags } from '../../../src/commands/bench/read-profile-flags.js';
import { UsageError } from '../../../src/commands/exit/usage-error.js';
import { flagsOf } from './flags.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wsn-bench-'));
});

afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

const profileOf = (...args: readonly string[]) => readProfileFlags(flagsOf(...args));

function file(text: string): string {
  const path = join(folder, 'load.yaml');
  writeFileSync(path, text);
  return path;
}

function refusal(...args: readonly string[]): string {
  try {
    profileOf(...args);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error(`${args.join(' ')} was accepted`);
}

describe('the options of a load', () => {
  it('are the defaults where none is given', () => {
    const { load, thresholds, limits } = profileOf();
    expect({ load, thresholds, limits }).toEqual({ load: DEFAULT_LOAD, thresholds: [], limits: DEFAULT_LIMITS });
  });

  it('say all that a file can say', () => {
    const args =
      '-s 1000 -k 50 --subscriptions 2 --spread zipf:1.1 --traffic zipf --protocol base --connect-rate 500 --connecting 32 ' +
      '--publishers http --publisher-connections 2 --arrivals poisson -r 200.5 --size 2KB -d 20s --warm-up 0 --ready 1m --drain 3s ' +
      '--hostile slow=5%,never=0.01,half-open=1%,reconnecting=2% --seed 7 --workers 3 --limit loopDelay=1s --limit lateShare=2%,cpuShare=1 ' +
      '--threshold p99<50ms,lost==0 --threshold throughput>100';
    expect(profileOf(...args.split(' '))).toEqual({
      load: {
        subscribers: 1000,
        channels: 50,
        subscriptions: 2,
        spread: { kind: 'zipf', exponent: 1.1 },
        traffic: { kind: 'zipf', exponent: 1 },
        protocol: 'base',
        connect: { rate: 500, inFlight: 32 },
        publishers: { kind: 'http', connections: 2 },
        arrivals: { kind: 'poisson', rate: 200.5 },
        sizeBytes: 2048,
        phases: { readyMs: 60_000, warmUpMs: 0, holdMs: 20_000, drainMs: 3000 },
        hostile: { slow: 0.05, never: 0.01, 'half-open': 0.01, reconnecting: 0.02 },
        seed: 7,
      },
      thresholds: ['p99<50ms', 'lost==0', 'throughput>100'],
      limits: { ...DEFAULT_LIMITS, loopDelayMs: 1000, lateShare: 0.02, cpuShare: 1 },
      workers: 3,
    });
  });

  it('say what is broken, instead of the file', () => {
    const path = file('protocol: v1\nfaults: [{ kind: half-open, at: 1s }]\n');
    expect(profileOf('--profile', path).load.faults).toMatchObject([{ kind: 'half-open', firstMs: 1000 }]);
    const given = ['--faults', 'cut every=2s share=5% for=500ms', '--faults', 'restart at=1s signal=SIGTERM,restart at=3s'];
    expect(profileOf('--profile', path, ...given).load.faults).toEqual([
      { kind: 'cut', firstMs: 2000, everyMs: 2000, share: 0.05, forMs: 500 },
      { kind: 'restart', firstMs: 1000, everyMs: null, forMs: 1000, signal: 'SIGTERM' },
      { kind: 'restart', firstMs: 3000, everyMs: null, forMs: 1000, signal: 'SIGKILL' },
    ]);
  });

  it('win over the environment, and that over the file, and that over the default', () => {
    const path = file('subscribers: 200\nchannels: 20\nseed: 2\nthresholds: [p99<1s]\n');
    vi.stubEnv('WSN_BENCH_CHANNELS', '30');
    vi.stubEnv('WSN_BENCH_SEED', '3');
    vi.stubEnv('WSN_BENCH_THRESHOLD', 'p50<1s,lost==0');
    vi.stubEnv('WSN_BENCH_PROFILE', path);
    const { load, thresholds } = profileOf('--seed', '4');
    expect(load).toEqual({ ...DEFAULT_LOAD, subscribers: 200, channels: 30, seed: 4 });
    expect(thresholds).toEqual(['p99<1s', 'p50<1s', 'lost==0']);
  });

  it('do not take the address of a broker from WSN_URL', () => {
    vi.stubEnv('WSN_URL', 'ws://example.org');
    expect(flagsOf().url).toBeUndefined();
  });

  it.each([
    [['--subscribers', '0'], '--subscribers 0: found the number 0, expected a whole number from 1 to 200000'],
    [['--rate', '0'], '--rate 0: found the number 0, expected a number from 0.1 to 200000'],
    [['--rate', '100..'], '--rate 100..: found the text "", expected a number from 0.1 to 200000'],
    [['--rate', '1..2..3'], '--rate 1..2..3: expected a first and a last rate, such as 100..2000'],
    [['--window', '0', '--arrivals', 'max'], '--window 0: found the number 0, expected a whole number from 1 to 1000000'],
    [['--duration', '5ms'], '--duration 5ms: found the text "5ms", expected a duration such as 300ms or 2s, of at least 10ms'],
    [['--spread', 'zipf:x'], '--spread zipf:x: found the text "x", expected a number from 0.01 to 10'],
    [['--spread', 'even'], '--spread even: expected uniform, zipf or zipf:1.1'],
    [['--traffic', '{ zipf: 1.1 }'], '--traffic { zipf: 1.1 }: expected uniform, zipf or zipf:1.1'],
    [['--hostile', 'slow=1%,slow=2%'], '--hostile slow=1%,slow=2%: the member "slow" stands twice'],
    [['--hostile', 'slwo=1%'], '--hostile slwo=1%: there is no member "slwo": did you mean "slow"?'],
    [['--hostile', 'slow'], '--hostile slow: found the text "", expected a share such as 5% or 0.05, at most 90%'],
    [['--limit', 'loopdelay=1s'], '--limit loopdelay=1s: there is no member "loopdelay": did you mean "loopDelay"?'],
    [['--faults', 'cut'], '--faults cut: found none of "at" and "every", expected one of them'],
    [['--faults', 'cut every=2s every=3s'], '--faults cut every=2s every=3s: the member "every" stands twice'],
    [['--faults', 'cuts at=2s'], '--faults cuts at=2s: found the text "cuts", expected one of cut, half-open, restart'],
    [['--faults', 'cut at=2s'], '`faults` (--faults) need `protocol: v1` (--protocol v1), found auto'],
    [['--protocol', 'v2'], '--protocol v2: found the text "v2", expected one of auto, base, v1: did you mean "v1"?'],
    [['--arrivals', 'evenly'], '--arrivals evenly: expected one of constant, poisson, ramp, steps, max'],
    [['-s', '5', '-k', '6'], '6 `channels` (--channels) are more than 5 subscribers can subscribe to'],
    [['--threshold', 'p98<1ms'], '--threshold "p98<1ms": '],
  ])('are refused with option, value and bounds: %j', (args, message) => {
    expect(refusal(...args)).toContain(message);
  });

  it('are refused when the file is wrong, after all that is wrong with it', () => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const path = file('subscribers: 0\nchanels: 1\n');
    expect(refusal('--profile', path)).toBe('2 errors in a file: nothing was run');
    const told = write.mock.calls.map(([text]) => String(text)).join('');
    write.mockRestore();
    expect(told).toContain(`${path}:1:14: found the number 0, expected a whole number from 1 to 200000\n  1 | subscribers: 0\n`);
    expect(told).toContain(`${path}:2:1: there is no member "chanels": did you mean "channels"?`);
  });
});
