import { describe, expect, it } from 'vitest';
import { opennessText, unlimited } from '../../../src/commands/serve/openness.js';
import { configure } from '../../../src/commands/settings/configure.js';
import { given } from '../settings/given.js';

const KEY = `php=${'c'.repeat(64)}`;

async function configured(args: readonly string[]) {
  return configure(given(['--config', '/dev/null', ...args]), {});
}

describe('what a broker says that is open', () => {
  it.each<[string, boolean, string]>([
    ['', true, 'publishing is open to this machine only, subscribing to everyone'],
    ['', false, 'publishing is open to this machine only, subscribing to this machine'],
    ['--allow-publish 10.0.0.0/8', true, 'publishing is open to this machine and 10.0.0.0/8, subscribing to everyone'],
    ['--anonymous-publish all', true, 'publishing is open to everyone, subscribing to everyone'],
    ['--anonymous-publish none --anonymous-subscribe none', true, 'publishing is open to nobody, subscribing to nobody'],
    [
      '--anonymous-subscribe [{"package":"p","page":"*"}]',
      true,
      'publishing is open to this machine only, subscribing to everyone within a grant',
    ],
    [`--api-key ${KEY}`, true, 'authenticated by an API key; without one publishing is open to nobody, subscribing to nobody'],
    [
      `--auth-secret-file x --api-key ${KEY} --allow-publish ::1`,
      true,
      'authenticated by tokens and an API key; without one publishing is open to ::1, subscribing to nobody',
    ],
    [
      '--authorize-url http://x --anonymous-subscribe all',
      true,
      'authenticated by tokens; without one publishing is open to nobody, subscribing to everyone',
    ],
  ])('with %j, public: %j (R-7.1, R-7.3)', async (args, isPublic, sentence) => {
    expect(opennessText(await configured(args.split(' ').filter(Boolean)), isPublic)).toBe(sentence);
  });

  it('names the limits that are off', async () => {
    expect(unlimited(await configured(['--max-connections', '0', '--message-rate', '0', '--drain-timeout', '0']))).toEqual([
      'limits.connections',
      'limits.messageRate',
    ]);
  });
});
