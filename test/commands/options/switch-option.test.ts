import { afterEach, describe, expect, it, vi } from 'vitest';
import { switchOption } from '../../../src/commands/options/switch-option.js';

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

  it('is named in the help whether it is on or off', () => {
    expect(switchOption('--switch', 'text', 'WSN_SWITCH').description).toContain('env: WSN_SWITCH');
  });
});
