import { describe, expect, it } from 'vitest';
import { differingMachine, differingSettings } from '../../../src/bench/gate/differing-settings.js';
import type { Settings } from '../../../src/bench/result/result.js';
import { PASSED } from '../report/fixture.js';

const { settings, used, machine } = PASSED;

function withLoad(load: Partial<Settings['load']>): { readonly settings: Settings } {
  return { settings: { ...settings, load: { ...settings.load, ...load } } };
}

describe('differingSettings', () => {
  it('finds nothing between equal ones, in whatever order their members come', () => {
    const { load, ...others } = settings;
    const reversed = Object.fromEntries(Object.entries(load).reverse()) as unknown as Settings['load'];
    expect(differingSettings({ settings: { ...others, load: reversed }, used }, PASSED)).toEqual([]);
  });

  it.each([
    ['seed', withLoad({ seed: 2 }), 'load.seed is 2, in the baseline 1'],
    ['a phase', withLoad({ phases: { ...settings.load.phases, holdMs: 5000 } }), 'load.phases.holdMs is 5000, in the baseline 10000'],
    ['the rate', withLoad({ arrivals: { kind: 'constant', rate: 50 } }), 'load.arrivals.rate is 50, in the baseline 1000'],
    [
      'the kind of arrivals',
      withLoad({ arrivals: { kind: 'max', window: 64 } }),
      'load.arrivals is {"kind":"max","window":64}, in the baseline {"kind":"constant","rate":1000}',
    ],
    ['workers', { settings: { ...settings, workers: 4 } }, 'workers is 4, in the baseline 1'],
    ['a limit', { settings: { ...settings, limits: { ...settings.limits, gcPauseMs: 5 } } }, 'limits.gcPauseMs is 5, in the baseline 100'],
    [
      'the kind of publishers',
      { settings, used: { ...used, publishers: 'http' as const } },
      'used.publishers is "http", in the baseline "persistent"',
    ],
    ['the subprotocol', { settings, used: { ...used, subprotocol: null } }, 'used.subprotocol is null, in the baseline "wsn.v1"'],
  ])('names %s with both values', (_, now, sentence) => {
    expect(differingSettings(now, PASSED)).toEqual([sentence]);
  });

  it('says what a baseline lacks', () => {
    const { workers: _, ...older } = settings;
    expect(differingSettings(PASSED, { settings: older as Settings })).toEqual(['workers is 1, in the baseline not there']);
  });

  it('does not mind how many addresses were used', () => {
    expect(differingSettings({ settings, used: { ...used, sourceAddresses: 3 } as typeof used }, PASSED)).toEqual([]);
  });
});

describe('differingMachine', () => {
  it('names what differs but for the memory', () => {
    expect(differingMachine({ ...machine, cores: 8, memoryBytes: 1 }, machine)).toEqual(['cores is 8, in the baseline 2']);
  });
});
