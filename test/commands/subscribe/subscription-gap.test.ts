import { describe, expect, it } from 'vitest';
import { plainScreen } from '../../../src/commands/subscribe/screen.js';
import { GapNotes } from '../../../src/commands/subscribe/subscription-gap.js';

const topic = (page: string, replayed?: number) => ({
  package: 'p',
  page,
  epoch: 'e',
  offset: 1,
  recovered: true,
  ...(replayed === undefined ? {} : { replayed }),
});

/** What is noted while `happen` does something. */
function notesOf(happen: (gaps: GapNotes) => void): string[] {
  const notes: string[] = [];
  happen(new GapNotes({ ...plainScreen(), notice: (text) => notes.push(text) }));
  return notes;
}

describe('what a reconnection has cost', () => {
  it('is told once for each, with all that was recovered (R-5.4)', () => {
    const notes = notesOf((gaps) => {
      for (const replayed of [7, 0]) {
        gaps.lineLost();
        gaps.recovered([topic('a', replayed), topic('b')]);
      }
    });
    expect(notes).toEqual(['connected again, 7 recovered', 'connected again, nothing was missed']);
  });

  it('names the topics in which something may be missing, and tells what was recovered of others (R-5.4)', () => {
    const notes = notesOf((gaps) => {
      gaps.lineLost();
      gaps.missed([topic('a'), topic('b\u001b'), topic('c'), topic('d'), topic('e')]);
      gaps.recovered([topic('f', 1)]);
    });
    expect(notes).toEqual([
      'connected again; notifications may have been missed in p/a, p/b\\u001b, p/c and 2 other topics',
      '1 notification recovered in p/f',
    ]);
  });

  it('is counted, once for each topic in which something may be missing', () => {
    let losses = 0;
    notesOf((gaps) => {
      gaps.missed([topic('a'), topic('a'), topic('b')]);
      gaps.missed([topic('a')]);
      losses = gaps.losses;
    });
    expect(losses).toBe(3);
  });

  it('is not known with the base protocol', () => {
    const notes = notesOf((gaps) => {
      gaps.lineLost();
      gaps.missed([{ package: 'p', page: 'a' }]); // which has no positions
    });
    expect(notes).toEqual(['connected again; notifications may have been missed in p/a']);
  });

  it('is not told of a broker that loses count on a line that stands (R-5.6)', () => {
    expect(notesOf((gaps) => gaps.missed([topic('a')]))).toEqual(['notifications may have been missed in p/a']);
  });

  it('is nothing where the line was lost before the set was in force', () => {
    const notes = notesOf((gaps) => {
      gaps.lineLost();
      gaps.subscribed();
      gaps.missed([topic('a')]);
    });
    expect(notes).toEqual(['notifications may have been missed in p/a']);
  });
});
