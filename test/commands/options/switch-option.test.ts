import { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { findOddSwitch, readSwitch, switchOption } from '../../../src/commands/options/switch-option.js';

describe('a switch in the environment', () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each(['1', 'true', 'yes', 'on'])('is on with %j', (value) => {
    vi.stubEnv('WSN_SWITCH', value);
    expect(switchOption('--switch', 'text', 'WSN_SWITCH').envVar).toBe('WSN_SWITCH');
  });

  it.each(['0', 'false', 'No', 'off', ''])('is off with %j', (value) => {
    vi.stubEnv('WSN_SWITCH', value);
    expect(switchOption('--switch', 'text', 'WSN_SWITCH').envVar).toBeUndefined();
  });

  it.each([
    ['disabled', []],
    ['2', []],
    ['disabled', ['--switch']],
    ['TRUE', []],
    ['Off', []],
  ])('that is %j is told of when it says neither on nor off, and no flag does: %j', (value, args) => {
    vi.stubEnv('WSN_SWITCH', value);
    const command = new Command().addOption(switchOption('--switch', 'text', 'WSN_SWITCH')).parse(args, { from: 'user' });
    const isOdd = readSwitch(value) === undefined && args.length === 0;
    const told = `WSN_SWITCH is ${JSON.stringify(value)}: expected 1, true, yes or on, or 0, false, no or off`;
    expect(findOddSwitch(command)).toBe(isOdd ? told : undefined);
  });

  it('is named in the help whether it is on or off', () => {
    expect(switchOption('--switch', 'text', 'WSN_SWITCH').description).toContain('env: WSN_SWITCH');
  });
});
