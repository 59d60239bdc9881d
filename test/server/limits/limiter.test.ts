import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AUTO_LIMITS, type AutoLimited } from '../../../src/server/limits/auto-limits.js';
import { Limiter, type LimitOptions, type Metered } from '../../../src/server/limits/limiter.js';
import { DEFAULTS } from '../../../src/server/options.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

const AWAY = '192.0.2.7';
const OTHER = '192.0.2.8';
const HERE = ['127.0.0.1', '127.3.2.1', '::1', '::ffff:127.0.0.1'];

function limiter(options: Partial<LimitOptions> = {}): Limiter {
  return new Limiter({ ...DEFAULTS, ...options });
}

function peerAt(address: string): Metered {
  return { address, meter: undefined };
}

/** How many of a thing are taken before one is refused; at most 20,000. */
function taken(take: () => unknown): number {
  for (let count = 0; count < 20_000; count++) {
    const refused = take();
    if (refused !== undefined && refused !== 0) return count;
  }
  return Number.POSITIVE_INFINITY;
}

/** What each limit counts, for a peer at an address. */
const COUNTED: readonly (readonly [AutoLimited, burst: number, take: (limiter: Limiter, address: string) => () => unknown])[] = [
  ['handshakesPerSecond', 2, (it, address) => () => it.enter(address) ?? it.leave(address)],
  ['maxConnectionsPerAddress', 1, (it, address) => () => it.enter(address)],
  [
    'messagesPerSecond',
    2,
    (it, address) => {
      const peer = peerAt(address);
      return () => it.message(peer);
    },
  ],
  ['messagesPerSecondPerAddress', 2, (it, address) => () => it.request(address)],
  ['messagesPerSecondPerAddress', 2, (it, address) => () => it.message(peerAt(address))],
  ['publishesPerSecond', 2, (it, address) => () => it.publications('sub:alice', address, 1)],
  ['publishesPerSecond', 2, (it, address) => () => it.publications('anonymous', address, 1)],
];

/** The others would be in the way. */
const NO_LIMITS: LimitOptions = {
  maxConnections: 0,
  maxConnectionsPerAddress: 0,
  handshakesPerSecond: 0,
  messagesPerSecond: 0,
  messagesPerSecondPerAddress: 0,
  publishesPerSecond: 0,
};

describe.each(COUNTED)('%s', (name, burst, take) => {
  it('is built in for others, and spares this machine (R-7.6)', () => {
    const auto = { ...NO_LIMITS, [name]: undefined };
    expect(taken(take(limiter(auto), AWAY))).toBe(AUTO_LIMITS[name] * burst);
    for (const address of HERE) expect(taken(take(limiter(auto), address)), address).toBe(Number.POSITIVE_INFINITY);
  });

  it('holds for everybody when it is set, and for nobody when it is 0 (R-7.6)', () => {
    const set = { ...NO_LIMITS, [name]: 20 };
    for (const address of [AWAY, ...HERE]) expect(taken(take(limiter(set), address)), address).toBe(20 * burst);
    for (const address of [AWAY, ...HERE]) expect(taken(take(limiter(NO_LIMITS), address)), address).toBe(Number.POSITIVE_INFINITY);
  });

  it('leaves other addresses alone, and follows a change without forgetting (R-7.6)', () => {
    const one = limiter({ ...NO_LIMITS, [name]: 20 });
    const here = take(one, AWAY);
    taken(here);
    if (name !== 'publishesPerSecond') expect(take(one, OTHER)() ?? 0).toBe(0);
    one.reconfigure({ ...NO_LIMITS, [name]: 0 });
    expect(here() ?? 0).toBe(0);
    one.reconfigure({ ...NO_LIMITS, [name]: 20 });
    expect(here() ?? 0).not.toBe(0);
  });
});

describe('places', () => {
  it('are given back, and in all there are so many: 503 beyond them (R-7.6)', () => {
    const one = limiter({ maxConnections: 3 });
    expect([AWAY, OTHER, '::1'].map((address) => one.enter(address))).toEqual([undefined, undefined, undefined]);
    expect(one.enter(AWAY)).toEqual({ status: 503, because: 'too many connections: at most 3', retryAfterS: 5 });
    one.leave(OTHER);
    expect(one.enter(AWAY)).toBeUndefined();
    expect(one.stats).toMatchObject({ connections: 3, addresses: 2 });
  });

  it('of one address are so many, its /64 together: 429 beyond them (R-7.6)', () => {
    const one = limiter({ maxConnectionsPerAddress: 2 });
    expect([one.enter('2001:db8::1'), one.enter('2001:db8::2')]).toEqual([undefined, undefined]);
    expect(one.enter('2001:db8::3')).toEqual({
      status: 429,
      because: 'too many connections from one address: at most 2',
      retryAfterS: 5,
    });
    expect(one.enter('2001:db8:0:1::1')).toBeUndefined();
    one.leave('2001:db8::2');
    expect(one.enter('2001:db8::3')).toBeUndefined();
  });

  it('are not taken by who is refused, and nobody gives back what he has not got', () => {
    const one = limiter({ maxConnectionsPerAddress: 1 });
    one.leave(AWAY);
    one.enter(AWAY);
    one.enter(AWAY);
    expect(one.stats).toMatchObject({ connections: 1, addresses: 1 });
    one.leave(AWAY);
    one.leave(AWAY);
    expect(one.stats).toMatchObject({ connections: 0, addresses: 0 });
  });
});

describe('a rate', () => {
  it('says how long to wait, and that is true (R-7.6)', () => {
    const one = limiter({ handshakesPerSecond: 1 });
    for (let count = 0; count < 10; count++) one.enter(AWAY);
    const refusal = one.enter(AWAY);
    expect(refusal).toEqual({
      status: 429,
      because: 'too many handshakes from one address: at most 1 a second; try again in 1 s',
      retryAfterS: 1,
    });
    vi.advanceTimersByTime(999);
    expect(one.enter(AWAY)).toBeDefined();
    vi.advanceTimersByTime(1);
    expect(one.enter(AWAY)).toBeUndefined();
  });

  it('of messages names the limit that was hit (R-7.6)', () => {
    const one = limiter({ messagesPerSecond: 5, messagesPerSecondPerAddress: 10 });
    const [first, second, third] = [peerAt(AWAY), peerAt(AWAY), peerAt(AWAY)];
    expect(taken(() => one.message(first))).toBe(10);
    expect(one.tooManyMessages(first, one.message(first))).toBe('too many messages: at most 5 a second; try again in 1 s');
    expect(taken(() => one.message(second))).toBe(10);
    expect(one.tooManyMessages(third, one.message(third))).toBe(
      'too many messages from one address: at most 10 a second; try again in 1 s',
    );
  });

  it('counts a request to publish as a message of its address (R-7.6)', () => {
    const one = limiter({ messagesPerSecondPerAddress: 5 });
    const peer = peerAt(AWAY);
    expect(taken(() => one.message(peer))).toBe(10);
    expect(one.request(AWAY)).toEqual({
      status: 429,
      because: 'too many requests from one address: at most 5 a second; try again in 1 s',
      retryAfterS: 1,
    });
  });

  it('of publications is of the publisher, wherever it is, and counts a list whole (R-7.6)', () => {
    const one = limiter({ publishesPerSecond: 10 });
    expect(one.publications('key:shop', AWAY, 15)).toBe(0);
    expect(one.publications('key:shop', OTHER, 15)).toBeCloseTo(1000);
    expect(one.publications('key:shop', OTHER, 5)).toBe(0);
    expect(one.publications('key:other', AWAY, 15)).toBe(0);
    expect(one.publications('anonymous', AWAY, 20)).toBe(0);
    expect(one.publications('anonymous', OTHER, 20)).toBe(0);
    expect(one.publications('token', AWAY, 20)).toBe(0);
    expect(one.publications('token', OTHER, 20)).toBe(0);
    expect(one.tooManyPublications(AWAY, one.publications('anonymous', AWAY, 20))).toBe(
      'too many publications: at most 10 a second; try again in 2 s',
    );
  });

  it('of an address outlives its connections, until it no longer matters (R-7.6)', () => {
    const one = limiter({ handshakesPerSecond: 1 });
    const attempt = () => one.enter(AWAY) ?? one.leave(AWAY);
    expect(taken(attempt)).toBe(10);
    expect(attempt()).toBeDefined();
    expect(one.stats.remembered).toBe(1);
    vi.advanceTimersByTime(30_000);
    expect(one.stats.remembered).toBe(0);
    expect(taken(attempt)).toBe(10);
  });
});

it('a flood from a million addresses fills no memory (R-7.6)', () => {
  const one = limiter();
  for (let index = 0; index < 1_000_000; index++) {
    const address = `2001:db8:${(index >> 16).toString(16)}:${(index & 65_535).toString(16)}::1`;
    if (one.enter(address) === undefined) one.leave(address);
  }
  expect(one.stats.remembered).toBeLessThanOrEqual(100_000);
  expect(one.stats).toMatchObject({ connections: 0, addresses: 0 });
});
