import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Intake, type Source } from '../../../src/server/limits/intake.js';

/** A peer without a WebSocket: `act` is called with each piece. */
class FakeSource implements Source {
  readonly raw = new PassThrough();
  isStopped = false;
  pieceBytes = 0;
  owesUntil = 0;
  readonly #pieces: Buffer[] = [];

  constructor(intake: Intake, act: (piece: Buffer) => void = () => {}) {
    this.raw.on('data', (piece: Buffer) => {
      this.#pieces.push(piece);
      act(piece);
    });
    this.raw.on('readable', () => intake.read(this));
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  get pieces(): number {
    return this.#pieces.length;
  }
}

/** Works for so long, as a message that is dear does. */
function burn(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

const NOTHING_PUBLISHED = () => 0;

describe('the intake', () => {
  it('hands on all bytes in their order, then the end, however it cuts them and whoever stops it when (R-2.8)', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 0, max: 6 }), async (chunks, dearEvery) => {
        const intake = new Intake(NOTHING_PUBLISHED);
        let count = 0;
        const source = new FakeSource(intake, () => {
          if (dearEvery > 0 && ++count % dearEvery === 0) burn(0.3);
          if (dearEvery !== 3 || source.isStopped) return;
          source.isStopped = true;
          setImmediate(() => {
            source.isStopped = false;
            intake.read(source);
          });
        });
        const sent = chunks.map((size, index) => Buffer.alloc(size, index + 1));
        for (const chunk of sent) source.raw.write(chunk);
        source.raw.end();
        await once(source.raw, 'end');
        expect(source.bytes.equals(Buffer.concat(sent))).toBe(true);
        expect(intake.waiting).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('makes those wait who use too much time, and reads at once from one who says little (R-7.6)', async () => {
    const intake = new Intake(NOTHING_PUBLISHED);
    const flooder = new FakeSource(intake, () => burn(3));
    const quiet = new FakeSource(intake);
    flooder.raw.write(Buffer.alloc(60_000));
    await expect.poll(() => intake.waiting).toBe(1);
    quiet.raw.write('a subscription');
    await new Promise((resolve) => process.nextTick(resolve));
    expect([String(quiet.bytes), intake.waiting]).toEqual(['a subscription', 1]);
    await expect.poll(() => flooder.bytes.length, { timeout: 10_000 }).toBe(60_000);
    expect(intake.waiting).toBe(0);
  });

  it('reads first from a newcomer, when both have to wait (R-7.6)', async () => {
    const intake = new Intake(NOTHING_PUBLISHED);
    const order: string[] = [];
    const flooder = new FakeSource(intake, () => burn(3));
    flooder.raw.write(Buffer.alloc(60_000));
    await expect.poll(() => intake.waiting).toBe(1);
    flooder.raw.once('data', () => order.push('flooder'));
    const newcomer = new FakeSource(intake);
    newcomer.raw.once('data', () => order.push('newcomer'));
    newcomer.raw.write(Buffer.alloc(10_000));
    await expect.poll(() => order).toEqual(['newcomer', 'flooder']);
    await expect.poll(() => intake.waiting, { timeout: 10_000 }).toBe(0);
  });

  it('cuts what is dear into smaller pieces (R-7.6)', async () => {
    const intake = new Intake(NOTHING_PUBLISHED);
    const dear = new FakeSource(intake, (piece) => burn(piece.length / 256));
    dear.raw.write(Buffer.alloc(8 * 1024));
    await expect.poll(() => dear.bytes.length, { timeout: 10_000 }).toBe(8 * 1024);
    expect(dear.pieceBytes).toBeLessThanOrEqual(1024);
    expect(dear.pieces).toBeGreaterThan(8);
  });

  it('never makes a publisher wait: its limit is a rate (R-7.6)', async () => {
    let published = 0;
    const intake = new Intake(() => published);
    const publisher = new FakeSource(intake, () => {
      published++;
      burn(2);
    });
    for (let count = 0; count < 20; count++) publisher.raw.write(Buffer.alloc(10_000));
    const [waiting] = [intake.waiting];
    await expect.poll(() => publisher.bytes.length).toBe(200_000);
    expect([waiting, intake.waiting, publisher.owesUntil]).toEqual([0, 0, 0]);
  });

  it('forgets who has gone while he waited (R-7.6)', async () => {
    const intake = new Intake(NOTHING_PUBLISHED);
    const flooder = new FakeSource(intake, () => burn(3));
    flooder.raw.write(Buffer.alloc(60_000));
    await expect.poll(() => intake.waiting).toBe(1);
    flooder.raw.destroy();
    await expect.poll(() => intake.waiting).toBe(0);
    expect(flooder.bytes.length).toBeLessThan(60_000);
  });
});
