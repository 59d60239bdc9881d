import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WideMap } from '../../../src/server/registry/wide-map.js';

describe('a wide map', () => {
  test('holds what a plain map holds, whatever was set, replaced and deleted before', () => {
    const key = fc.oneof(fc.constant(null), fc.constantFrom('null', '', '2'), fc.nat(4000).map(String), fc.string({ maxLength: 3 }));
    const drawn = fc.array(fc.tuple(key, fc.option(fc.nat())), { maxLength: 3000, size: 'max' });
    fc.assert(
      fc.property(drawn, (steps) => {
        const [wide, plain] = [new WideMap<number>(), new Map<string | null, number>()];
        for (const [name, value] of steps) {
          if (value === null) {
            wide.delete(name);
            plain.delete(name);
          } else {
            wide.set(name, value);
            plain.set(name, value);
          }
        }
        expect(wide.size).toBe(plain.size);
        for (const [name] of steps) expect(wide.get(name)).toBe(plain.get(name));
        expect([...wide.values()].sort()).toEqual([...plain.values()].sort());
      }),
      { numRuns: 100 },
    );
  });

  test('finds each of 100,000 keys, and forgets half of them, at every size on the way', () => {
    const map = new WideMap<number>();
    for (let index = 0; index < 100_000; index++) {
      map.set(`channel ${index}`, index);
      if (index % 1000 === 0) for (let old = index % 97; old <= index; old += 997) expect(map.get(`channel ${old}`)).toBe(old);
    }
    for (let index = 0; index < 100_000; index += 2) map.delete(`channel ${index}`);
    expect(map.size).toBe(50_000);
    let found = 0;
    for (let index = 0; index < 100_000; index++) if (map.get(`channel ${index}`) === (index % 2 ? index : undefined)) found++;
    expect(found).toBe(100_000);
    expect(new Set(map.values()).size).toBe(50_000);
  });
});
