import { describe, expect, it } from 'vitest';
import { NarrowingNotes } from '../../../src/commands/subscribe/narrowing-notes.js';
import type { Screen } from '../../../src/commands/subscribe/screen.js';
import { PLAIN_WAY } from '../broker/plain-way.js';

function noting(brings: 'token' | 'key' | undefined) {
  const said: string[] = [];
  const screen = { notice: (text: string) => said.push(text) } as unknown as Screen;
  return { notes: new NarrowingNotes(screen, { ...PLAIN_WAY, brings }), said };
}

const topic = (page: string) => ({ package: 'p', page, epoch: 'e', offset: 0 });

describe('what is said of narrowed topics', () => {
  it('is their names, once each (R-7.3)', () => {
    const { notes, said } = noting('token');
    notes.subscribed([{ ...topic('a'), narrowed: true }, topic('b')]);
    notes.subscribed([{ ...topic('a'), narrowed: true }]);
    notes.subscribed([
      { ...topic('a'), narrowed: true },
      { ...topic('c\u001b'), narrowed: true },
    ]);
    expect(said).toEqual([
      'your token narrows p/a: what it does not grant does not come',
      'your token narrows p/c\\u001b: what it does not grant does not come',
    ]);
  });

  it.each([
    ['key', 'your API key narrows p/a: '],
    [undefined, 'the broker, for those without a token, narrows p/a: '],
  ] as const)('names who narrows, with %s', (brings, start) => {
    const { notes, said } = noting(brings);
    notes.subscribed([{ ...topic('a'), narrowed: true }]);
    expect(said[0]?.startsWith(start)).toBe(true);
  });
});
