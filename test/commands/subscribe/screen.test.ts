import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { liveScreen } from '../../../src/commands/subscribe/screen.js';

const written: string[] = [];
const statuses: string[] = [];

beforeEach(() => {
  written.length = 0;
  statuses.length = 0;
  const keep = (text: string | Uint8Array) => {
    written.push(String(text));
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    statuses.push(String(text));
    return true;
  });
});

afterEach(() => vi.restoreAllMocks());

describe('the screen of wsn subscribe', () => {
  it('holds what comes during a question, and writes it in its order afterwards', async () => {
    const screen = await liveScreen();
    screen.suspend();
    screen.data('one');
    screen.data('two');
    expect(written).toEqual([]);
    screen.resume();
    expect(written).toEqual(['one\n', 'two\n']);
    screen.close();
  });

  it('keeps the latest lines alone of a long question, and says how many it has dropped', async () => {
    const screen = await liveScreen();
    screen.suspend();
    for (let index = 1; index <= 50_000; index++) screen.data(`line ${index}`);
    screen.resume();
    screen.close();
    const said = /(\d+) older lines were dropped during the question/.exec(statuses.join(''));
    expect(Number(said?.[1]) + written.length).toBe(50_000);
    expect(written.length).toBeLessThan(20_000);
    expect(written.at(-1)).toBe('line 50000\n');
  });

  it('drops nothing of a burst while no question is open', async () => {
    const screen = await liveScreen();
    for (let index = 0; index < 50_000; index++) screen.data('line');
    screen.close();
    expect(written).toHaveLength(50_000);
  });
});
