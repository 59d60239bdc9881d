import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { locateJson } from '../../../src/bench/gate/locate-json.js';
import type { Arrivals } from '../../../src/bench/load/load.js';
import type { FindMaxResult } from '../../../src/bench/result/find-max-result.js';
import type { BenchResult } from '../../../src/bench/result/result.js';
import { resultSchema } from '../../../src/bench/result/result-schema.js';
import { findMaxShape, resultShape } from '../../../src/bench/result/result-shape.js';
import type { Infer, Shape } from '../../../src/document/index.js';
import type { Json } from '../../../src/protocol/index.js';
import * as fixture from '../report/fixture.js';

/** `true` where either may stand for the other: the compiler refuses the constants below where a shape and its type part. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
const RESULT_AGREES: Same<Infer<typeof resultShape>, BenchResult> = true;
const FIND_MAX_AGREES: Same<Infer<typeof findMaxShape>, FindMaxResult> = true;

const validate = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true }).compile(resultSchema());

const FIXTURES: readonly { readonly name: string; readonly shape: Shape<unknown>; readonly result: BenchResult | FindMaxResult }[] =
  Object.entries(fixture).flatMap(([name, result]) => {
    if (typeof result !== 'object' || !('format' in result)) return [];
    return [{ name, result, shape: result.format === 'wsn-bench/1' ? resultShape : findMaxShape }];
  });

const ARRIVALS: readonly Arrivals[] = [
  { kind: 'constant', rate: 100 },
  { kind: 'poisson', rate: 0.5 },
  { kind: 'ramp', from: 1, to: 100 },
  { kind: 'steps', rates: [1, 2, 3] },
  { kind: 'max', window: 64 },
];

/** Changes of a result that make it none, by the member that is complained of. */
const BROKEN: readonly { readonly change: (result: Record<string, unknown>) => void; readonly says: string }[] = [
  { change: (result) => delete result.verdict, says: ': the member "verdict" is missing' },
  { change: deep(['more'], 1), says: 'more: there is no member "more"' },
  { change: deep(['verdict'], 'great'), says: 'verdict: found the text "great", expected one of passed, failed' },
  { change: deep(['latencyMs'], null), says: 'latencyMs: found no value (null), expected a map' },
  { change: deep(['latencyMs', 'buckets'], [[1, 2, 3]]), says: 'latencyMs.buckets[0]: found a list of more than two' },
  { change: deep(['latencyMs', 'buckets'], [[1]]), says: 'latencyMs.buckets[0]: found a list, expected a list of at least 2' },
  { change: deep(['deliveries', 'lost'], -1), says: 'deliveries.lost: found the number -1, expected a whole number of at least 0' },
  { change: deep(['settings', 'load', 'arrivals'], { kind: 'max' }), says: 'settings.load.arrivals: the member "window" is missing' },
  { change: deep(['settings', 'load', 'arrivals'], { kind: 'burst' }), says: 'settings.load.arrivals.kind: found the text "burst"' },
  { change: deep(['settings', 'load', 'spread'], {}), says: 'settings.load.spread: expected a map whose kind is one of uniform, zipf' },
];

describe('the shape of a result', () => {
  test('has the type of what it describes', () => {
    expect([RESULT_AGREES, FIND_MAX_AGREES]).toEqual([true, true]);
  });

  test('is tried with results of both formats', () => {
    expect(new Set(FIXTURES.map(({ result }) => result.format))).toEqual(new Set(['wsn-bench/1', 'wsn-bench-find-max/1']));
  });

  test.each(FIXTURES)('accepts $name, and so does the schema', ({ shape, result }) => {
    const plain = throughJson(result);
    expect(complaintsOf(shape, plain)).toEqual([]);
    expect({ ok: validate(plain), errors: validate.errors }).toEqual({ ok: true, errors: null });
  });

  test.each(ARRIVALS)('accepts arrivals of kind $kind, and so does the schema', (arrivals) => {
    const plain = changed(deep(['settings', 'load', 'arrivals'], arrivals));
    expect(complaintsOf(resultShape, plain)).toEqual([]);
    expect(validate(plain)).toBe(true);
  });

  test.each(BROKEN)('refuses one with "$says", and so does the schema', ({ change, says }) => {
    const plain = changed(change);
    expect(complaintsOf(resultShape, plain)[0]?.slice(0, says.length)).toBe(says);
    expect(validate(plain)).toBe(false);
  });
});

describe('the schema of a result', () => {
  test('is published as the shape says: else run `npm run write:schema`', () => {
    const published: unknown = JSON.parse(readFileSync(new URL('../../../docs/bench-result.schema.json', import.meta.url), 'utf8'));
    expect(published).toEqual(resultSchema());
  });
});

function complaintsOf(shape: Shape<unknown>, value: Json): readonly string[] {
  const { root, pathOf } = locateJson(value);
  const complaints: string[] = [];
  const checked = shape.check(root, { complain: ({ message, place }) => complaints.push(`${pathOf(place)}: ${message}`) });
  if (checked !== undefined) expect(checked).toEqual(value);
  return complaints;
}

function throughJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

function changed(change: (result: Record<string, unknown>) => void): Json {
  const result = throughJson(fixture.PASSED) as unknown as Record<string, unknown>;
  change(result);
  return throughJson(result);
}

/** Sets a member of a member. */
function deep(path: readonly string[], value: unknown): (result: Record<string, unknown>) => void {
  return (result) => {
    const [last = '', ...above] = path.toReversed();
    const owner = above.toReversed().reduce((at, name) => at[name] as Record<string, unknown>, result);
    owner[last] = value;
  };
}
