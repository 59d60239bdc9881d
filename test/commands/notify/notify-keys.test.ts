import { describe, expect, it } from 'vitest';
import { withKeys } from '../../../src/commands/notify/notify-keys.js';

const ONE = { json: '{}' };
const KEYED = { json: '{}', key: 'own' };

describe('the keys of notifications', () => {
  it('stay as they are where nobody asks for any', () => {
    expect(withKeys([ONE, KEYED], { key: undefined, retry: false })).toEqual([ONE, KEYED]);
  });

  it('are made, all different, where each may be sent twice, but for those that have one (R-5.8)', () => {
    const keys = withKeys([ONE, KEYED, ONE], { key: undefined, retry: true }).map(({ key }) => key);
    expect(keys).toEqual([expect.stringMatching(/^.{36}$/), 'own', expect.stringMatching(/^.{36}$/)]);
    expect(keys[0]).not.toBe(keys[2]);
  });

  it.each([true, false])('are the one that is given, for one notification (retry: %s)', (retry) => {
    expect(withKeys([ONE], { key: 'order-17', retry })).toEqual([{ ...ONE, key: 'order-17' }]);
  });

  it.each([
    [[ONE, ONE], 'k', "--key is for one notification, found 2: give each of many its own in a publisher's message"],
    [[KEYED], 'k', '--key and the key in the message exclude each other'],
    [[ONE], '', '--key: expected 1 to 128 bytes, found 0'],
    [[ONE], 'é'.repeat(65), '--key: expected 1 to 128 bytes, found 130'],
  ])('are refused otherwise (%#)', (outgoing, key, message) => {
    expect(() => withKeys(outgoing, { key, retry: false })).toThrow(message);
  });
});
