import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Beating, Heartbeat, NO_SLOT } from '../../src/server/heartbeat.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  vi.stubGlobal('setImmediate', (run: () => void) => run()); // these tests are about times, not about turns of the event loop
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** Notes when it beats. */
class Member implements Beating {
  slot = NO_SLOT;
  place = 0;
  readonly beats: number[] = [];

  beat(): void {
    this.beats.push(performance.now());
  }

  /** Times between its beats. */
  get gaps(): number[] {
    return this.beats.slice(1).map((beat, index) => beat - (this.beats[index] as number));
  }
}

/** Of every size: so short that a timer cannot cut it fine, odd, and the default. */
const INTERVALS = [10, 13, 20, 50, 99, 110, 149, 333, 1010, 25_000];

describe.each(INTERVALS)('with an interval of %i ms', (intervalMs) => {
  /** Timers take whole milliseconds, so an interval that is no multiple of its slots cannot be kept to the millisecond. */
  const tolerance = Math.max(3, intervalMs * 0.02);

  test('each member beats once an interval, whenever it joined (R-4.5)', () => {
    const heartbeat = new Heartbeat<Member>(intervalMs);
    const members: Member[] = [];
    for (let joined = 0; joined < 40; joined++) {
      const member = new Member();
      members.push(member);
      heartbeat.add(member);
      vi.advanceTimersByTime(Math.ceil(intervalMs / 10));
    }
    vi.advanceTimersByTime(intervalMs * 20);
    heartbeat.stop();
    for (const member of members) {
      expect(member.beats.length).toBeGreaterThan(10);
      expect(new Set(member.gaps).size).toBe(1);
      expect(Math.abs((member.gaps[0] as number) - intervalMs)).toBeLessThanOrEqual(tolerance);
    }
  });

  test('the first beat comes when an interval has passed, at most one slot before its end (R-4.5)', () => {
    const slotMs = Math.max(5, intervalMs / 25);
    for (const phase of [0, 0.01, 0.3, 0.5, 0.97]) {
      const heartbeat = new Heartbeat<Member>(intervalMs);
      vi.advanceTimersByTime(Math.round(intervalMs * (1 + phase)));
      const member = new Member();
      const joined = performance.now();
      heartbeat.add(member);
      vi.advanceTimersByTime(intervalMs * 2);
      heartbeat.stop();
      const waited = (member.beats[0] as number) - joined;
      expect(waited).toBeGreaterThanOrEqual(intervalMs - slotMs - tolerance);
      expect(waited).toBeLessThanOrEqual(intervalMs + tolerance);
    }
  });
});

test('members that joined at different times beat at different times', () => {
  const heartbeat = new Heartbeat<Member>(1000);
  const members = Array.from({ length: 100 }, () => {
    const member = new Member();
    heartbeat.add(member);
    vi.advanceTimersByTime(10);
    return member;
  });
  vi.advanceTimersByTime(2000);
  heartbeat.stop();
  const atOnce = new Map<number, number>();
  for (const { beats } of members) atOnce.set(beats[1] as number, (atOnce.get(beats[1] as number) ?? 0) + 1);
  expect(atOnce.size).toBe(25);
  expect(Math.max(...atOnce.values())).toBe(4);
});

test('a member that was taken out does not beat any more, and the others do', () => {
  const heartbeat = new Heartbeat<Member>(1000);
  const [gone, stays, never] = [new Member(), new Member(), new Member()];
  heartbeat.add(gone);
  heartbeat.add(stays);
  vi.advanceTimersByTime(1000);
  heartbeat.delete(gone);
  heartbeat.delete(gone);
  heartbeat.delete(never);
  vi.advanceTimersByTime(2000);
  heartbeat.stop();
  expect(gone.beats).toHaveLength(1);
  expect(stays.beats).toHaveLength(3);
});

test('a member that is taken out by its own beat, or by that of another, does not disturb the rest', () => {
  const heartbeat = new Heartbeat<Member>(1000);
  const [last, witness] = [new Member(), new Member()];
  const leaving = new Member();
  leaving.beat = () => {
    leaving.beats.push(performance.now());
    heartbeat.delete(leaving);
    heartbeat.delete(last);
  };
  for (const member of [leaving, last, witness]) heartbeat.add(member);
  vi.advanceTimersByTime(3000);
  heartbeat.stop();
  expect([leaving, last, witness].map((member) => member.beats.length)).toEqual([1, 0, 3]);
});

test('nothing beats after the stop', () => {
  const heartbeat = new Heartbeat<Member>(100);
  const member = new Member();
  heartbeat.add(member);
  heartbeat.stop();
  vi.advanceTimersByTime(1000);
  expect(member.beats).toHaveLength(0);
});

test('what has come is read before a member is judged, however long the event loop was held up (R-4.5)', async () => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const events: string[] = [];
  const server = createServer((socket) => socket.on('data', () => events.push('read'))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const peer = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(peer, 'connect');
  const heartbeat = new Heartbeat(5);
  heartbeat.add({ slot: NO_SLOT, place: 0, beat: () => events.push('beat') });
  for (let round = 0; round < 4; round++) {
    await new Promise<void>((resolve) => {
      // Where timers have their turn: the byte has come and has not been read when the beat becomes due.
      setTimeout(() => {
        peer.write('x');
        holdUp(15);
        vi.advanceTimersByTime(5);
        setImmediate(() => setImmediate(resolve));
      });
    });
  }
  heartbeat.stop();
  peer.destroy();
  server.close();
  vi.useRealTimers();
  expect(events).toEqual(['read', 'beat', 'read', 'beat', 'read', 'beat', 'read', 'beat']);
});

test('members that are due together beat in slices: between two of them the event loop goes round', async () => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  const heartbeat = new Heartbeat<Member>(10);
  let turn = 0;
  const turns: number[] = [];
  const members = Array.from({ length: 200 }, () => {
    const member = new Member();
    member.beat = () => {
      holdUp(0.5);
      turns.push(turn);
      heartbeat.delete(member);
    };
    heartbeat.add(member);
    return member;
  });
  const clock = setInterval(() => turn++, 1);
  await expect.poll(() => heartbeat.size, { timeout: 5000 }).toBe(0);
  clearInterval(clock);
  heartbeat.stop();
  expect(turns).toHaveLength(members.length);
  expect(new Set(turns).size).toBeGreaterThan(3);
});

test('it holds whoever has joined and not left, in whatever order they leave', () => {
  const heartbeat = new Heartbeat<Member>(1000);
  const members = Array.from({ length: 100 }, () => new Member());
  for (const member of members) {
    heartbeat.add(member);
    vi.advanceTimersByTime(7);
  }
  const left = members.filter((_, index) => index % 3 !== 1).reverse();
  for (const member of left) heartbeat.delete(member);
  expect(heartbeat.size).toBe(33);
  expect(new Set(heartbeat.members())).toEqual(new Set(members.filter((member) => !left.includes(member))));
  for (const member of heartbeat.members()) heartbeat.delete(member);
  expect([heartbeat.size, heartbeat.members()]).toEqual([0, []]);
  heartbeat.stop();
});

/** Keeps the event loop busy for so many ms. */
function holdUp(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
