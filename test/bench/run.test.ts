import { describe, expect, it, vi } from 'vitest';
import { BenchError } from '../../src/bench/bench-error.js';
import type { BenchOptions } from '../../src/bench/options.js';
import { type Progress, runBench } from '../../src/bench/run.js';
import { startTestBroker } from '../support/broker.js';
import { type FaultyBrokerOptions, type Handling, startFaultyBroker } from './faulty-broker.js';

/** 300 notifications to 4 channels of 5 subscribers each: 1,500 deliveries. */
const LOAD: Omit<BenchOptions, 'url'> = {
  subscribers: 20,
  channels: 4,
  rate: 1000,
  durationMs: 250,
  warmUpMs: 50,
  sizeBytes: 200,
  seed: 1,
  publishers: 'auto',
};

const RIGHT = { expected: 1500, delivered: 1500, lost: 0, duplicated: 0, misdelivered: 0, reordered: 0, corrupt: 0 };

async function runAgainst(broker: FaultyBrokerOptions, options: Partial<BenchOptions> = {}) {
  await using faulty = await startFaultyBroker(broker);
  const result = await runBench({ ...LOAD, ...options, url: faulty.url });
  await vi.waitFor(() => expect(faulty.connections).toBe(0));
  return result;
}

/** Keeps every so many-th delivery back until the next one has been sent. */
function swapping(every: number): (number: number, text: string) => Handling {
  let kept: string | undefined;
  return (number, text) => {
    if (number % every === 0) {
      kept = text;
      return { toReceiver: [] };
    }
    const toReceiver = kept === undefined ? [text] : [text, kept];
    kept = undefined;
    return { toReceiver };
  };
}

// A loss is found after five seconds without progress: the runs wait together.
describe.concurrent.each([
  ['a persistent publisher', true, 'persistent'],
  ['ephemeral publishers', false, 'ephemeral'],
])('a run with %s', (_, speaksV1, publishers) => {
  it('counts every delivery of a broker without faults once', async () => {
    const result = await runAgainst({ speaksV1 });
    expect(result).toMatchObject({
      ok: true,
      interrupted: false,
      brokerGone: false,
      refused: { count: 0 },
      unknown: { count: 0 },
      unanswered: 0,
      disconnected: { count: 0 },
    });
    expect(result.options.publishers).toBe(publishers);
    expect(result.deliveries).toMatchObject(RIGHT);
    expect(result.sent).toMatchObject({ warmUp: 50, measured: 250 });
    expect(result.latencyMs.samples).toBe(1250);
    expect(result.latenessMs.samples).toBe(250);
  });

  it('finds exactly the deliveries that were dropped, doubled and given to a wrong subscriber', async () => {
    const handle = (number: number, text: string): Handling => ({
      toReceiver: number % 100 === 0 ? [] : number % 150 === 0 ? [text, text] : [text],
      ...(number % 200 === 1 ? { toOther: [text] } : {}),
    });
    const result = await runAgainst({ speaksV1, handle });
    expect(result.ok).toBe(false);
    // Of the ten multiples of 150 up to 1,500, five are multiples of 100 and dropped.
    expect(result.deliveries).toMatchObject({ expected: 1500, delivered: 1485, lost: 15, duplicated: 5, misdelivered: 8, corrupt: 0 });
  });

  it('finds exactly the deliveries whose bytes were changed', async () => {
    const changes = [
      (text: string) => text.replace('"message":"N', '"message":"n'),
      (text: string) => text.replace('"data":{', '"data": {'),
      (text: string) => text.replace('"package":', '"Package":'),
    ];
    const handle = (number: number, text: string): Handling => ({
      toReceiver: [number % 100 === 0 ? (changes[(number / 100) % 3] as (text: string) => string)(text) : text],
    });
    const result = await runAgainst({ speaksV1, handle });
    expect(result.deliveries).toMatchObject({ ...RIGHT, corrupt: 15 });
  });

  it('takes what the broker delays for latency', async () => {
    const result = await runAgainst({ speaksV1, delayMs: 40 });
    expect(result.deliveries).toMatchObject(RIGHT);
    // A timer of Node may fire a millisecond early.
    expect(result.latencyMs.p50).toBeGreaterThanOrEqual(39);
  });
});

describe.concurrent('a run', () => {
  it('finds the deliveries that came behind a later one', async () => {
    const options = { subscribers: 1, channels: 1 };
    const result = await runAgainst({ speaksV1: true, handle: swapping(100) }, options);
    // The 300th has nothing behind it that would bring it: it is lost.
    expect(result.deliveries).toMatchObject({ expected: 300, delivered: 299, lost: 1, reordered: 2 });
  });

  it('finds subscribers of one topic that saw different orders where each notification has its own connection', async () => {
    const kept = new Map<number, string>();
    let subscriber = 0;
    // Two subscribers are asked in turn; the second one gets its 50th behind its 51st.
    const handle = (_: number, text: string): Handling => {
      const turn = ++subscriber;
      if (turn === 100) {
        kept.set(0, text);
        return { toReceiver: [] };
      }
      return { toReceiver: turn === 102 ? [text, kept.get(0) ?? ''] : [text] };
    };
    const result = await runAgainst({ handle }, { subscribers: 2, channels: 1 });
    expect(result.deliveries).toMatchObject({ expected: 600, lost: 0, reordered: 1 });
  });

  it('sends the same notifications to the same channels when the seed is the same', async () => {
    const channelsOf = async (seed: number) => {
      const channels: string[] = [];
      const handle = (_: number, text: string): Handling => {
        channels.push(/"channel":"(\d+)"/.exec(text)?.[1] ?? '');
        return { toReceiver: [text] };
      };
      await runAgainst({ speaksV1: true, handle }, { seed });
      return channels.join('');
    };
    const first = await channelsOf(7);
    expect(await channelsOf(7)).toBe(first);
    expect(await channelsOf(8)).not.toBe(first);
  });

  it('counts what the broker refuses, with the first reason, and expects no deliveries of it', async () => {
    let asked = 0;
    const refuse = () => (++asked % 100 === 0 ? `not the ${asked}th` : undefined);
    const result = await runAgainst({ speaksV1: true, refuse });
    expect(result).toMatchObject({ ok: false, refused: { count: 3, first: 'forbidden: not the 100th' } });
    expect(result.deliveries).toMatchObject({ expected: 1485, delivered: 1485, lost: 0 });
  });

  it.each([
    [true, 'the broker does not take notifications from here: forbidden: go away'],
    [false, 'the broker does not take notifications from here: closed with 4403 go away'],
  ])('does not begin where publishing is refused (wsn.v1: %s)', async (speaksV1, message) => {
    await using faulty = await startFaultyBroker({ speaksV1, refuse: () => 'go away' });
    const failure = await runBench({ ...LOAD, url: faulty.url }).catch((error) => error);
    expect(failure).toBeInstanceOf(BenchError);
    expect(failure).toMatchObject({ kind: 'refused', message });
  });

  it('says that a broker of the base protocol cannot have persistent publishers', async () => {
    await using faulty = await startFaultyBroker();
    await expect(runBench({ ...LOAD, publishers: 'persistent', url: faulty.url })).rejects.toThrow(
      'the broker did not select wsn.v1, which persistent publishers need; ephemeral ones work with any broker',
    );
  });

  it('says that nobody listens', async () => {
    const faulty = await startFaultyBroker();
    await faulty[Symbol.asyncDispose]();
    const failure = await runBench({ ...LOAD, url: faulty.url }).catch((error) => error);
    expect(failure).toMatchObject({ kind: 'unreachable', message: `cannot reach ${faulty.url}: nobody listens there` });
  });

  it('refuses a size that is too small for what a notification must hold', async () => {
    await expect(runBench({ ...LOAD, sizeBytes: 20, url: 'ws://127.0.0.1:1' })).rejects.toThrow(
      /^expected a size of at least \d+ bytes, which index, time and filters take; found 20$/,
    );
  });

  it('stops sending when it is interrupted, and reports what it had sent', async () => {
    await using faulty = await startFaultyBroker({ speaksV1: true });
    const controller = new AbortController();
    const onProgress = ({ phase, sent }: Progress) => {
      if (phase === 'measuring' && sent > 60) controller.abort();
    };
    const result = await runBench({ ...LOAD, durationMs: 60_000, url: faulty.url }, { signal: controller.signal, onProgress });
    expect(result).toMatchObject({ interrupted: true, brokerGone: false, ok: false });
    expect(result.deliveries).toMatchObject({ lost: 0, duplicated: 0 });
    expect(result.deliveries.delivered).toBe((result.sent.measured + 50) * 5);
  });

  it('does not know what became of a publication whose line broke, and does not call it refused', async () => {
    let notifications = 0;
    await using faulty = await startFaultyBroker({ breakOff: () => ++notifications % 50 === 0 });
    const result = await runBench({ ...LOAD, publishers: 'ephemeral', url: faulty.url });
    expect(result).toMatchObject({ ok: false, refused: { count: 0 }, unknown: { first: 'closed with 1006' }, interrupted: false });
    expect(result.unknown.count).toBeGreaterThan(0);
    expect(result.deliveries.lost).toBe(0);
  });

  it('ends when the line of its only publisher breaks, and says so', async () => {
    let notifications = 0;
    await using faulty = await startFaultyBroker({ speaksV1: true, breakOff: () => ++notifications === 100 });
    const result = await runBench({ ...LOAD, durationMs: 60_000, publishers: 'persistent', url: faulty.url });
    expect(result).toMatchObject({ ok: false, brokerGone: true, interrupted: false, refused: { count: 0 }, disconnected: { count: 0 } });
    expect(result.unknown).toMatchObject({ count: expect.any(Number), first: "the publisher's connection was closed: 1006" });
    expect(result.sent.measured).toBeLessThan(result.sent.planned);
  });

  it('gives up when it is interrupted before it has connected', async () => {
    await using faulty = await startFaultyBroker();
    await expect(runBench({ ...LOAD, url: faulty.url }, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });

  it('ends when the broker hangs up on every subscriber, and says how', async () => {
    await using faulty = await startFaultyBroker({ speaksV1: true });
    const onProgress = ({ phase }: Progress) => {
      if (phase === 'measuring') faulty.hangUp();
    };
    const result = await runBench({ ...LOAD, durationMs: 60_000, url: faulty.url }, { onProgress });
    expect(result).toMatchObject({
      ok: false,
      interrupted: false,
      brokerGone: true,
      disconnected: { count: 20, first: 'closed with 1011 it died' },
    });
  });

  it.each(['persistent', 'ephemeral'] as const)('finds nothing wrong with the broker (%s publishers)', async (publishers) => {
    await using broker = await startTestBroker();
    const result = await runBench({ ...LOAD, publishers, url: broker.url });
    expect(result.deliveries).toMatchObject(RIGHT);
    expect(result.ok).toBe(true);
  });
});
