import { expect, it } from 'vitest';
import { shownUrl } from '../../src/peer/shown-url.js';

it.each([
  ['ws://127.0.0.1:8000', 'ws://127.0.0.1:8000'],
  ['wss://me:secret@example.org/a@b?token=secret', 'wss://example.org/a@b'],
  ['ws://example.org/?token=a/b', 'ws://example.org'],
])('%s is shown without what is secret', (url, shown) => {
  expect(shownUrl(url)).toBe(shown);
});
