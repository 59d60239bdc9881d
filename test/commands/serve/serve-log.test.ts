import { describe, expect, it } from 'vitest';
import { readableEntry } from '../../../src/commands/serve/serve-log.js';

const dim = (text: string) => text;

describe('a log entry for people', () => {
  it('is its message and its facts', () => {
    const entry = { level: 'info', time: 'now', msg: 'connected', connection: 'c1', bytes: 12, open: true };
    expect(readableEntry(entry, 'connected', dim)).toBe('connected connection=c1 bytes=12 open=true');
  });

  it('quotes what would otherwise be read as more than one fact', () => {
    expect(readableEntry({ reason: 'a b=c', empty: '', topic: { page: 'q' } }, 'x', dim)).toBe(
      'x reason="a b=c" empty="" topic={"page":"q"}',
    );
  });

  it('escapes what peers wrote, in names, values and messages', () => {
    const line = readableEntry({ page: 'q\u001b[2J', 'n\u009b': 1, list: ['\u202e'] }, 'a\nb', dim);
    expect(line).toBe('a\\u000ab page=q\\u001b[2J n\\u009b=1 list=["\\u202e"]');
  });

  it('shows the stack of an error on lines of its own, escaped', () => {
    expect(readableEntry({ err: { message: 'm', stack: 'Error: m\u001b\n    at f' } }, 'unexpected error', dim)).toBe(
      'unexpected error\n    Error: m\\u001b\n        at f',
    );
  });
});
