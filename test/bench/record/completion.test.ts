import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { Completion } from '../../../src/bench/record/completion.js';

describe('completion', () => {
  it('wakes who waits when there are as many as it wants, also when another thread counts', async () => {
    const completion = new Completion();
    const counting = `const { shared } = require('node:worker_threads').workerData;
      for (let i = 0; i < 1000; i++) {
        const count = Atomics.add(shared, 0, 1) + 1;
        if (count >= Atomics.load(shared, 1)) Atomics.notify(shared, 0);
      }`;
    const reached = completion.reach(1000, 10_000);
    const worker = new Worker(counting, { eval: true, workerData: { shared: completion.shared } });
    expect(await reached).toBe(true);
    expect(completion.count).toBe(1000);
    await worker.terminate();
  });

  it('goes on waiting while more come, and gives up when none does', async () => {
    const completion = new Completion();
    const reached = completion.reach(3, 300);
    completion.add();
    completion.add();
    expect(await reached).toBe(false);
    completion.add();
    expect(await completion.reach(3, 300)).toBe(true);
  });
});
