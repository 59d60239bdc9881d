import { expect, test } from 'vitest';
import { freePort } from '../../../src/scenario/net/ports.js';

test('no port is given out a second time while its server may still be starting', async () => {
  const ports = await Promise.all(Array.from({ length: 800 }, () => freePort()));
  expect(new Set(ports).size).toBe(800);
});
