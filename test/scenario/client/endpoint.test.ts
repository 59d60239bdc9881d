import { describe, expect, it } from 'vitest';
import { hostOf } from '../../../src/scenario/client/endpoint.js';
import { endpointOf } from '../../../src/scenario/run/shared-server.js';

describe('hostOf', () => {
  it.each([
    ['ws://127.0.0.1:8000/path', '127.0.0.1:8000'],
    ['ws://[::1]:8000', '[::1]:8000'],
    ['wss://example.org', 'example.org:443'],
  ])('is what the Host header says for %s', (url, host) => {
    expect(hostOf(endpointOf(url, { headers: {} }))).toBe(host);
  });
});
