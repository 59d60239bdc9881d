import { afterEach, beforeEach, expect, vi } from 'vitest';

/**
 * React says in the console what it does not like: that fails the test. To be called once in a file.
 * @returns what takes, and forgives, all that has been said in this test.
 */
export function refuseComplaints(): () => readonly unknown[] {
  const said: unknown[] = [];
  beforeEach(() => {
    for (const name of ['error', 'warn'] as const) vi.spyOn(console, name).mockImplementation((...words) => void said.push(words));
  });
  afterEach(() => {
    vi.restoreAllMocks();
    expect(said.splice(0)).toEqual([]);
  });
  return () => said.splice(0);
}
