import { describe, expect, it } from 'vitest';
import type { Arrivals } from '../../../src/bench/load/load.js';
import { readArrivalsFlags } from '../../../src/commands/bench/arrivals-flags.js';

const CONSTANT: Arrivals = { kind: 'constant', rate: 10 };
const POISSON: Arrivals = { kind: 'poisson', rate: 10 };
const RAMP: Arrivals = { kind: 'ramp', from: 10, to: 20 };
const STEPS: Arrivals = { kind: 'steps', rates: [10, 20] };
const MAX: Arrivals = { kind: 'max', window: 8 };

describe('--arrivals, --rate and --window', () => {
  it.each<readonly [Parameters<typeof readArrivalsFlags>[0], Arrivals | undefined, Arrivals]>([
    [{}, undefined, { kind: 'constant', rate: 100 }],
    [{}, STEPS, STEPS],
    [{ rate: '5' }, undefined, { kind: 'constant', rate: 5 }],
    [{ rate: '5' }, POISSON, { kind: 'poisson', rate: 5 }],
    [{ rate: '5' }, RAMP, { kind: 'constant', rate: 5 }],
    [{ rate: '5' }, MAX, { kind: 'constant', rate: 5 }],
    [{ rate: '5..7' }, undefined, { kind: 'ramp', from: 5, to: 7 }],
    [{ rate: '5, 7, 9' }, CONSTANT, { kind: 'steps', rates: [5, 7, 9] }],
    [{ arrivals: 'poisson' }, undefined, { kind: 'poisson', rate: 100 }],
    [{ arrivals: 'poisson' }, CONSTANT, { kind: 'poisson', rate: 10 }],
    [{ arrivals: 'constant' }, RAMP, { kind: 'constant', rate: 100 }],
    [{ arrivals: 'constant', rate: '5' }, POISSON, { kind: 'constant', rate: 5 }],
    [{ arrivals: 'ramp', rate: '5..7' }, undefined, { kind: 'ramp', from: 5, to: 7 }],
    [{ arrivals: 'ramp' }, RAMP, RAMP],
    [{ arrivals: 'steps' }, STEPS, STEPS],
    [{ arrivals: 'max' }, undefined, { kind: 'max', window: 64 }],
    [{ arrivals: 'max' }, MAX, MAX],
    [{ arrivals: 'max', window: '3' }, MAX, { kind: 'max', window: 3 }],
    [{ window: '3' }, MAX, { kind: 'max', window: 3 }],
  ])('%j over %j of the file are %j', (flags, before, arrivals) => {
    expect(readArrivalsFlags(flags, before)).toEqual(arrivals);
  });

  it.each<readonly [Parameters<typeof readArrivalsFlags>[0], Arrivals | undefined, string]>([
    [{ arrivals: 'constant', rate: '5..7' }, undefined, '--arrivals constant has one rate, such as --rate 100; found --rate 5..7'],
    [{ arrivals: 'ramp' }, undefined, '--arrivals ramp needs the first and the last rate, such as --rate 100..2000'],
    [{ arrivals: 'ramp', rate: '5' }, RAMP, '--arrivals ramp needs the first and the last rate, such as --rate 100..2000; found --rate 5'],
    [{ arrivals: 'steps', rate: '5' }, undefined, '--arrivals steps needs the rates, such as --rate 100,200,400; found --rate 5'],
    [{ arrivals: 'max', rate: '5' }, undefined, '--rate 5 means nothing with --arrivals max: that sends as fast as can be'],
    [{ window: '5' }, undefined, '--window 5 means something only with --arrivals max'],
    [{ window: '5', rate: '5' }, MAX, '--window 5 means something only with --arrivals max'],
  ])('%j over %j of the file do not fit together', (flags, before, message) => {
    expect(() => readArrivalsFlags(flags, before)).toThrow(message);
  });
});
