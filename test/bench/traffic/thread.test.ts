import { describe, expect, it } from 'vitest';
import { Thread } from '../../../src/bench/traffic/thread.js';

interface Message {
  readonly kind: 'here' | 'never';
}

function threadOf(code: string) {
  return new Thread<Message, Message>(new URL(`data:text/javascript,${encodeURIComponent(code)}`), {}, () => {});
}

describe('a thread', () => {
  it('gives the next message of a kind', async () => {
    await using thread = threadOf(`import { parentPort } from 'node:worker_threads'; parentPort.postMessage({ kind: 'here' });`);
    expect(await thread.next('here')).toEqual({ kind: 'here' });
  });

  it('tells who waits for a message, and who waits for none, why it ended', async () => {
    await using thread = threadOf(`throw new Error('boom');`);
    await expect(thread.next('never')).rejects.toThrow('boom');
    await expect(thread.failed).rejects.toThrow('boom');
    await expect(thread.next('never')).rejects.toThrow('boom');
  });

  it('says what to do when its memory is used up', async () => {
    await using thread = threadOf(`
      const error = Object.assign(new Error('heap out of memory'), { code: 'ERR_WORKER_OUT_OF_MEMORY' });
      throw error;
    `);
    await expect(thread.failed).rejects.toMatchObject({ name: 'BenchError', kind: 'machine', message: /use more --workers/ });
  });
});
