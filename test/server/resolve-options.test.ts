import { describe, expect, test } from 'vitest';
import { parseNetworks } from '../../src/server/networks.js';
import { OptionError } from '../../src/server/option-error.js';
import { type BrokerOptions, DEFAULTS } from '../../src/server/options.js';
import { resolveOptions } from '../../src/server/resolve-options.js';

/** The OptionError of these options. */
function refusal(options: Partial<BrokerOptions>): OptionError {
  try {
    resolveOptions(options);
  } catch (error) {
    if (error instanceof OptionError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(options)} was taken`);
}

const BOUNDS: readonly [name: keyof BrokerOptions, least: number, most: number][] = [
  ['port', 0, 65_535],
  ['publishPort', 0, 65_535],
  ['adminPort', 0, 65_535],
  ['authClockToleranceMs', 0, 600_000],
  ['authorizeTimeoutMs', 10, 60_000],
  ['authorizeCacheMs', 0, 3_600_000],
  ['firstMessageTimeoutMs', 10, 600_000],
  ['maxConnections', 0, 10_000_000],
  ['maxConnectionsPerAddress', 0, 10_000_000],
  ['handshakesPerSecond', 0, 1_000_000],
  ['messagesPerSecond', 0, 10_000_000],
  ['messagesPerSecondPerAddress', 0, 10_000_000],
  ['publishesPerSecond', 0, 10_000_000],
  ['maxSubscriptions', 1, 1000],
  ['maxFilterValues', 1, 10_000],
  ['maxHeaderBytes', 1024, 1_048_576],
  ['maxMessageBytes', 1024, 268_435_456],
  ['pingIntervalMs', 10, 3_600_000],
  ['handshakeTimeoutMs', 10, 600_000],
  ['closeTimeoutMs', 10, 600_000],
  ['drainMs', 0, 3_600_000],
  ['drainTimeoutMs', 0, 600_000],
  ['reconnectJitterMs', 0, 600_000],
  ['slowReaderTimeoutMs', 10, 3_600_000],
  ['maxOutboxBytes', 65_536, 1_073_741_824],
  ['historyNotifications', 0, 10_000_000],
  ['historyAgeMs', 0, 604_800_000],
  ['historyBytes', 0, 68_719_476_736],
  ['dataBytes', 16 * 1024 * 1024, 1024 * 1024 * 1024 * 1024],
];

describe('numbers', () => {
  test.each(BOUNDS)('%s is taken from %i to %i and refused beyond, with a sentence that says so', (name, least, most) => {
    // The bounds of the log on disk mean nothing without it.
    const data = name === 'dataBytes' ? { data: 'data' } : {};
    for (const value of [least, most]) expect(resolveOptions({ ...data, [name]: value })[name]).toBe(value);
    for (const value of [least - 1, most + 1, least + 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(refusal({ [name]: value }).message).toBe(`${name} is ${value}: expected a whole number from ${least} to ${most}`);
    }
  });

  test('out of bounds are told with their parts, for who shows them in other units', () => {
    expect(refusal({ pingIntervalMs: 5 })).toMatchObject({
      option: 'pingIntervalMs',
      problem: 'is 5: expected a whole number from 10 to 3600000',
      range: { value: 5, least: 10, most: 3_600_000 },
    });
  });

  test('a number in a string is refused, for it would be compared as a string', () => {
    expect(() => resolveOptions({ port: '8000' as unknown as number })).toThrow(OptionError);
  });

  test('every number has bounds, and its default is within them or left to the broker', () => {
    const bounded = BOUNDS.map(([name]) => name);
    const numbers = Object.entries(DEFAULTS).filter(([, value]) => typeof value === 'number');
    expect(bounded).toEqual(expect.arrayContaining(numbers.map(([name]) => name)));
    for (const name of bounded) expect(['number', 'undefined']).toContain(typeof DEFAULTS[name]);
    expect(resolveOptions({})).toEqual(DEFAULTS);
  });
});

describe('what is not given', () => {
  test('is the default, also when it is given as undefined', () => {
    const given = Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, undefined]));
    expect(resolveOptions(given)).toEqual(DEFAULTS);
    expect(resolveOptions({ ...given, port: 9000 })).toEqual({ ...DEFAULTS, port: 9000 });
  });

  test('an option of nobody changes nothing that is known', () => {
    expect(resolveOptions({ tolerant: true })).toEqual({ ...DEFAULTS, tolerant: true });
  });
});

describe('networks', () => {
  const HOLDS: readonly [network: string, inside: string[], outside: string[]][] = [
    ['10.0.0.0/8', ['10.0.0.0', '10.255.255.255'], ['9.255.255.255', '11.0.0.0']],
    ['10.1.2.3/8', ['10.200.0.1'], ['11.1.2.3']],
    ['192.168.1.7', ['192.168.1.7'], ['192.168.1.6', '192.168.1.8']],
    ['192.168.1.7/32', ['192.168.1.7'], ['192.168.1.8']],
    ['0.0.0.0/0', ['1.2.3.4', '255.255.255.255'], []],
    ['fd00::/8', ['fd12:3456::1'], ['fe00::1', '::1']],
    ['2001:db8::5', ['2001:db8:0:0:0:0:0:5'], ['2001:db8::6']],
    ['::/0', ['::1', 'fd00::1'], []],
  ];
  test.each(HOLDS)('%s holds %j and not %j', (network, inside, outside) => {
    expect(resolveOptions({ allowPublish: [network] }).allowPublish).toEqual([network]);
    const list = parseNetworks(['172.16.0.0/12', network]);
    const holds = (address: string): boolean => list.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
    expect(inside.map(holds)).toEqual(inside.map(() => true));
    expect(outside.map(holds)).toEqual(outside.map(() => false));
  });

  test('an empty list holds nobody', () => {
    expect(parseNetworks([]).check('127.0.0.1')).toBe(false);
  });

  const NONSENSE = ['', 'localhost', '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/8/8', '10.0.0/8', '256.0.0.1', '*'];
  test.each([...NONSENSE, 'fd00::/129', 'fd00::/x', 'fd00:::1', '10.0.0.0/8 ', '10.0.0.0/1e1', '10.0.0.0/0x8', '/8', 'evil\n'])(
    '%j is no network, and the sentence repeats it escaped',
    (network) => {
      expect(() => parseNetworks(['10.0.0.0/8', network], 'trustProxies')).toThrow(
        `trustProxies has ${JSON.stringify(network)}: expected a network such as 10.0.0.0/8 or fd00::/8`,
      );
    },
  );
});

describe('the log on disk', () => {
  test('a promise about a disk needs the folder of the log beside it (R-5.7)', () => {
    expect(() => resolveOptions({ durability: 'fsync' })).toThrow('durability is fsync: expected data beside it');
    expect(resolveOptions({ durability: 'fsync', data: 'data' })).toMatchObject({ durability: 'fsync' });
  });

  test('so does what it may take there, but for the default', () => {
    const dataBytes = 20 * 1024 * 1024;
    expect(refusal({ dataBytes }).message).toBe('dataBytes is 20971520: expected data beside it, the folder of the log');
    expect(resolveOptions({ dataBytes, data: 'data' })).toMatchObject({ dataBytes });
    expect(resolveOptions({ dataBytes: DEFAULTS.dataBytes, durability: DEFAULTS.durability })).toEqual(DEFAULTS);
  });

  test('its folder has a name: an empty one is likely a variable that was not set', () => {
    expect(refusal({ data: '', durability: 'fsync' })).toMatchObject({
      option: 'data',
      problem: 'is empty: expected the path of a folder',
    });
  });
});
