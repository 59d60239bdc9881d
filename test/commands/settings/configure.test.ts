import { afterEach, describe, expect, it, vi } from 'vitest';
import { brokerOptions, type Configuration, effectiveOf, originText, settingValue } from '../../../src/commands/settings/configuration.js';
import { ConfigurationError, explainOptionError } from '../../../src/commands/settings/configuration-error.js';
import { configure } from '../../../src/commands/settings/configure.js';
import type { SettingName } from '../../../src/commands/settings/setting.js';
import { OptionError } from '../../../src/server/option-error.js';
import { DEFAULTS } from '../../../src/server/options.js';
import { folder, given } from './given.js';

const DIGEST = 'b'.repeat(64);

/** With these arguments, variables and file. */
async function configured(args: readonly string[], variables: Readonly<Record<string, string>> = {}, file = ''): Promise<Configuration> {
  using dir = folder();
  const path = dir.write('wsn.yaml', file);
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  return await configure(given(['--config', path, ...args]), process.env);
}

function origins(configuration: Configuration, name: SettingName): readonly string[] {
  return (effectiveOf(configuration, name)?.origins ?? []).map((origin) => originText(origin).replace(/^.*\//, ''));
}

afterEach(() => vi.unstubAllEnvs());

describe('a setting', () => {
  const FILE = 'limits:\n  message: 2KiB\naccess:\n  tolerant: true\n  allowPublish: [10.0.0.3]\n';

  it.each([
    [['--max-message', '4KiB'], { WSN_MAX_MESSAGE: '3KiB' }, 4096, ['--max-message', 'WSN_MAX_MESSAGE', 'wsn.yaml:2:12']],
    [[], { WSN_MAX_MESSAGE: '3KiB' }, 3072, ['WSN_MAX_MESSAGE', 'wsn.yaml:2:12']],
    [[], { WSN_MAX_MESSAGE: '' }, 2048, ['wsn.yaml:2:12']],
    [[], {}, 2048, ['wsn.yaml:2:12']],
  ])('comes from the flag, else the environment, else the file: %j, %j', async (args, variables, value, from) => {
    const configuration = await configured(args, variables, FILE);
    expect(settingValue(configuration, 'maxMessageBytes')).toBe(value);
    expect(origins(configuration, 'maxMessageBytes')).toEqual(from);
  });

  it('that nobody sets has its default', async () => {
    const { log: _, ...defaults } = DEFAULTS;
    expect(brokerOptions(await configured([]))).toEqual(defaults);
  });

  it.each([
    [['--no-tolerant'], {}, false],
    [[], { WSN_TOLERANT: '0' }, false],
    [[], { WSN_TOLERANT: '' }, true],
    [['--tolerant'], { WSN_TOLERANT: 'no' }, true],
  ])('that is a switch is turned off by what wins over the file: %j, %j', async (args, variables, value) => {
    expect(settingValue(await configured(args, variables, FILE), 'tolerant')).toBe(value);
  });

  it('that is a list is replaced, never added to', async () => {
    const args = ['--allow-publish', '10.0.0.1,10.0.0.2', '--allow-publish', '::1'];
    const configuration = await configured(args, { WSN_ALLOW_PUBLISH: '10.0.0.9' }, FILE);
    expect(settingValue(configuration, 'allowPublish')).toEqual(['10.0.0.1', '10.0.0.2', '::1']);
  });

  it.each([
    ['all', 'all'],
    ['none', []],
    ['[{"package":"p","page":"*","filters":{"a":["1"]}}]', [{ package: 'p', page: '*', filters: { a: ['1'] } }]],
  ])('that is grants is read from %j', async (text, grants) => {
    const byFlag = await configured(['--anonymous-subscribe', text]);
    expect(settingValue(byFlag, 'anonymousSubscribe')).toEqual(grants);
    const byVariable = await configured([], { WSN_ANONYMOUS_SUBSCRIBE: text });
    expect(settingValue(byVariable, 'anonymousSubscribe')).toEqual(grants);
  });

  it('that is keys is read from names and digests', async () => {
    const keys = [
      { name: 'a=b', sha256: DIGEST },
      { name: 'c', sha256: DIGEST },
    ];
    const text = `a=b=${DIGEST.toUpperCase()}, c=${DIGEST}`;
    expect(settingValue(await configured(['--api-key', text]), 'apiKeys')).toEqual(keys);
    expect(settingValue(await configured([], { WSN_API_KEYS: text }), 'apiKeys')).toEqual(keys);
  });

  it('that is the secret comes from the environment alone', async () => {
    const configuration = await configured([], { WSN_AUTH_SECRET: 'x' });
    expect(settingValue(configuration, 'authSecret')).toBe('x');
    expect(() => given(['--auth-secret', 'x'])).toThrow('unknown option');
  });
});

describe('a value that is empty', () => {
  const empty = 'Found an empty value: give it one, or leave the option out.';
  const part = 'Expected values with commas between them, found an empty one.';

  it.each([
    ['--auth-audience=', empty],
    ['--auth-audience=,', part],
    ['--auth-audience=a,,b', part],
    ['--auth-algorithms=HS256,', part],
    ['--allow-origin= , ', part],
    ['--allow-publish=', empty],
    ['--api-key=', empty],
    ['--host=', empty],
    ['--schemas= ', empty],
    ['--max-message=', empty],
    ['--max-connections=', empty],
    ['--anonymous-subscribe=', empty],
    ['--schema-mode=', empty],
    ['--config=', empty],
  ])('is refused as a flag: %s (R-7.2)', (flag, message) => {
    expect(() => given([flag])).toThrow(message);
  });

  it.each([
    ['WSN_AUTH_AUDIENCE', ',', part],
    ['WSN_ALLOW_ORIGIN', ' , ', part],
    ['WSN_API_KEYS', `a=${DIGEST},`, 'WSN_API_KEYS has an entry that is no key'],
  ])('is refused as an entry of the list in %s=%s (R-7.2)', async (name, value, message) => {
    await expect(configured([], { [name]: value })).rejects.toThrow(message);
  });

  it.each([
    ['auth: { audience: [] }', 'auth.audience: found an empty list, expected a list of at least 1'],
    ['auth: { algorithms: [] }', 'auth.algorithms: found an empty list, expected a list of at least 1'],
    ['auth: { audience: [w, " "] }', 'auth.audience has " ": expected text'],
    ['auth: { issuer: "" }', 'auth.issuer is "": expected text'],
  ])('is refused where tokens are told by it in a file: %s (R-7.2)', async (file, message) => {
    await expect(configured([], {}, file)).rejects.toThrow(message);
  });

  it('of a variable says nothing', async () => {
    const configuration = await configured(
      [],
      { WSN_AUTH_AUDIENCE: '', WSN_AUTH_QUERY_TOKEN: '' },
      'auth: { audience: [w], queryToken: true }',
    );
    expect(settingValue(configuration, 'authAudience')).toEqual(['w']);
    expect(settingValue(configuration, 'authQueryToken')).toBe(true);
  });
});

describe('a switch', () => {
  it.each([
    ['1', true],
    ['TRUE', true],
    ['yes', true],
    ['On', true],
    ['0', false],
    ['False', false],
    ['NO', false],
    ['off', false],
  ])('is set by the word %s', async (text, value) => {
    expect(settingValue(await configured([], { WSN_AUTH_QUERY_TOKEN: text }), 'authQueryToken')).toBe(value);
  });

  it('is not set by a word that is neither on nor off, and a flag wins over it', async () => {
    const variables = { WSN_AUTH_QUERY_TOKEN: 'disabled' };
    const message = 'WSN_AUTH_QUERY_TOKEN is "disabled": expected 1, true, yes or on, or 0, false, no or off';
    await expect(configured([], variables)).rejects.toThrow(message);
    expect(settingValue(await configured(['--no-auth-query-token'], variables), 'authQueryToken')).toBe(false);
  });
});

describe('a number', () => {
  it.each(['abc', '1e9', '0x10', '1.5', '-1', '10000001'])('that is %s is refused with the bounds of its setting', (text) => {
    expect(() => given(['--max-connections', text])).toThrow('Expected a whole number from 0 to 10000000.');
  });
});

describe('a key in the wrong place', () => {
  it.each([
    [['--api-key', 'php=HIDDEN'], {}, '--api-key'],
    [[], { WSN_API_KEYS: 'HIDDEN' }, 'WSN_API_KEYS'],
  ])('is refused and not repeated: %j, %j (R-7.2)', async (args, variables, name) => {
    const refused = configured(args, variables);
    await expect(refused).rejects.toThrow(`${name} has an entry that is no key: expected a name and the SHA-256 of a key`);
    await expect(refused).rejects.not.toThrow('HIDDEN');
  });
});

describe('an option that the broker does not take', () => {
  const error = new OptionError('maxMessageBytes', 'is 1: expected a whole number', { value: 1, least: 1024, most: 4096 });

  it.each([
    [['--max-message', '2KiB'], {}, '', '--max-message is 1B: expected 1KiB to 4KiB'],
    [[], { WSN_MAX_MESSAGE: '2KiB' }, '', 'WSN_MAX_MESSAGE is 1B: expected 1KiB to 4KiB'],
    [[], {}, 'limits:\n  message: 2KiB', 'wsn.yaml:2:12: limits.message is 1B: expected 1KiB to 4KiB'],
    [[], {}, '', 'limits.message (--max-message) is 1B: expected 1KiB to 4KiB'],
  ])('is told by the name under which it was set: %j, %j, %j', async (args, variables, file, message) => {
    const told = explainOptionError(error, await configured(args, variables, file));
    expect(told.message.replace(/^\/.*\//, '')).toBe(message);
    expect(told instanceof ConfigurationError).toBe(message.startsWith('wsn.yaml'));
  });
});

describe('another option of which one tells', () => {
  const error = new OptionError('authSecretFile', 'is set beside authSecret: expected one of the two');

  it.each([
    [['--auth-secret-file', 'x'], { WSN_AUTH_SECRET: 'x' }, '--auth-secret-file is set beside WSN_AUTH_SECRET: expected one of the two'],
    [
      [],
      { WSN_AUTH_SECRET_FILE: 'x', WSN_AUTH_SECRET: 'x' },
      'WSN_AUTH_SECRET_FILE is set beside WSN_AUTH_SECRET: expected one of the two',
    ],
  ])('has the name under which it was set: %j, %j', async (args, variables, message) => {
    expect(explainOptionError(error, await configured(args, variables)).message).toBe(message);
  });
});

describe('a variable', () => {
  it('that is nearly a setting is a warning, and one of another command or program is not', async () => {
    const others = [
      'WSN_URL',
      'WSN_TOKEN',
      'WSN_API_KEY',
      'WSN_DEBUG',
      'WSN_JSON',
      'WSN_FILTER',
      'WSN_TIMEOUT',
      'WSN_PAGE',
      'WSN_NOTIFICATION_DATA',
      'WSN_VALUES',
    ];
    const foreign = [
      'WSN_SERVICE_HOST',
      'WSN_SERVICE_PORT',
      'WSN_PORT_8000_TCP',
      'WSN_PORT_8000_TCP_ADDR',
      'WSN_TRANSPORT',
      'WSN_INSECURE',
    ];
    const variables = Object.fromEntries([...others, ...foreign, 'WSN_TLS_CRT', 'WSN_PROT'].map((name) => [name, 'x']));
    const { warnings } = await configured([], variables);
    expect(warnings).toEqual(['WSN_TLS_CRT is no setting: did you mean WSN_TLS_CERT?', 'WSN_PROT is no setting: did you mean WSN_PORT?']);
  });
});
