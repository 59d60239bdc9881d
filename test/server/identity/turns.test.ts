import { describe, expect, test } from 'vitest';
import { Turns } from '../../../src/server/identity/turns.js';

/** A task that ends when it is told to. */
function held(): { readonly task: () => Promise<string>; end(text: string): void; readonly hasBegun: () => boolean } {
  let end = (_: string): void => {};
  let hasBegun = false;
  const done = new Promise<string>((resolve) => {
    end = resolve;
  });
  return {
    task: () => {
      hasBegun = true;
      return done;
    },
    end: (text) => end(text),
    hasBegun: () => hasBegun,
  };
}

const { signal } = new AbortController();

describe('Turns', () => {
  test('runs as many at once as it may, the others in the order in which they came', async () => {
    const turns = new Turns(1, 2);
    const tasks = [held(), held(), held()] as const;
    const runs = tasks.map(({ task }) => turns.run(signal, task));
    await Promise.resolve();
    expect(tasks.map(({ hasBegun }) => hasBegun())).toEqual([true, false, false]);
    tasks[0].end('first');
    expect(await runs[0]).toBe('first');
    tasks[1].end('second');
    expect(await runs[1]).toBe('second');
    expect(tasks[2].hasBegun()).toBe(true);
    tasks[2].end('third');
    expect(await runs[2]).toBe('third');
  });

  test('refuses who comes when the line is full', async () => {
    const turns = new Turns(1, 1);
    const [one, two] = [held(), held()];
    const runs = [turns.run(signal, one.task), turns.run(signal, two.task)];
    await expect(turns.run(signal, async () => 'never')).rejects.toThrow('1 questions wait already');
    one.end('one');
    two.end('two');
    expect(await Promise.all(runs)).toEqual(['one', 'two']);
  });

  test('lets go of who gives up in the line, and hands on the turn of a task that fails', async () => {
    const turns = new Turns(1, 1);
    const first = held();
    const run = turns.run(signal, first.task);
    const abort = new AbortController();
    const waiting = turns.run(abort.signal, async () => 'never');
    abort.abort(new Error('too long'));
    await expect(waiting).rejects.toThrow('too long');
    const next = turns.run(signal, () => Promise.reject(new Error('broke')));
    first.end('first');
    expect(await run).toBe('first');
    await expect(next).rejects.toThrow('broke');
    expect(await turns.run(signal, async () => 'last')).toBe('last');
    await expect(turns.run(abort.signal, async () => 'never')).rejects.toThrow('too long');
  });
});
