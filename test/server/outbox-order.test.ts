import process from 'node:process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Flusher } from '../../src/server/flusher.js';
import { encodeMessage, type Frame } from '../../src/server/frame.js';
import { Outbox } from '../../src/server/outbox.js';
import { FakeSocket } from './fake-socket.js';

const RUNS = process.env.CI ? 5_000 : 500;

type Step =
  | { readonly kind: 'push'; readonly peer: number; readonly bytes: number }
  | { readonly kind: 'fan out'; readonly bytes: number }
  | { readonly kind: 'flush'; readonly peer: number }
  | { readonly kind: 'stall'; readonly peer: number; readonly takesNothing: boolean }
  | { readonly kind: 'take'; readonly peer: number; readonly bytes: number };

const PEERS = 3;
const peer = fc.nat(PEERS - 1);
const bytes = fc.oneof(
  { weight: 4, arbitrary: fc.nat(2000) },
  { weight: 2, arbitrary: fc.nat(40_000) },
  { weight: 1, arbitrary: fc.nat(150_000) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('push' as const), peer, bytes }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('fan out' as const), bytes }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('flush' as const), peer }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('stall' as const), peer, takesNothing: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('take' as const), peer, bytes: fc.nat(200_000) }) },
);

/** Outboxes of one flusher, and beside each the numbers of the frames that were pushed to it. */
class World {
  readonly flusher = new Flusher({ maxOutboxBytes: 1024 * 1024 * 1024, slowReaderTimeoutMs: 10_000 });
  readonly sockets = Array.from({ length: PEERS }, () => new FakeSocket());
  readonly outboxes = this.sockets.map((socket) => new Outbox({ drop: () => {} }, socket, this.flusher));
  readonly pushed: number[][] = this.sockets.map(() => []);
  #number = 0;

  run(step: Step): void {
    if (step.kind === 'push') this.#push(step.peer, this.#frame(step.bytes));
    else if (step.kind === 'fan out') {
      const frame = this.#frame(step.bytes);
      for (let index = 0; index < PEERS; index++) this.#push(index, frame);
    } else if (step.kind === 'flush') this.outboxes[step.peer]?.flush();
    else if (step.kind === 'stall') {
      const socket = this.sockets[step.peer] as FakeSocket;
      socket.takesNothing = step.takesNothing;
      if (!step.takesNothing) this.#drain(step.peer);
    } else {
      this.sockets[step.peer]?.take(step.bytes);
      if (this.sockets[step.peer]?.writableLength === 0) this.outboxes[step.peer]?.flush();
    }
  }

  end(): void {
    for (let index = 0; index < PEERS; index++) {
      (this.sockets[index] as FakeSocket).takesNothing = false;
      this.#drain(index);
    }
    this.flusher.stop();
  }

  #drain(index: number): void {
    this.sockets[index]?.take();
    this.outboxes[index]?.flush();
  }

  #frame(size: number): Frame {
    return encodeMessage({ kind: 'mark', topics: [{ package: 'x'.repeat(size), page: '', epoch: '', offset: ++this.#number }] });
  }

  #push(index: number, frame: Frame): void {
    this.pushed[index]?.push(this.#number);
    this.outboxes[index]?.push(frame);
  }
}

test('every peer gets all its frames in the order in which they were pushed, whole, however its socket stalls (R-2.9)', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const world = new World();
      for (const one of steps) {
        world.run(one);
        const waiting = world.outboxes.map((outbox) => outbox.pendingBytes);
        expect(Math.min(...waiting)).toBeGreaterThanOrEqual(0);
      }
      world.end();
      for (const [index, socket] of world.sockets.entries()) {
        const arrived = socket.messages.map((message) => JSON.parse(message).mark[0].offset);
        expect(arrived).toEqual(world.pushed[index]);
        expect(world.outboxes[index]?.pendingBytes).toBe(0);
      }
    }),
    { numRuns: RUNS },
  );
}, 240_000);
