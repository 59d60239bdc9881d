import { describe, expect, it } from 'vitest';
import { addressBytes, isLoopback, isThisMachine } from '../../src/server/address.js';

const ZEROS = (count: number): number[] => Array<number>(count).fill(0);

describe('the bytes of an address', () => {
  it.each([
    ['192.0.2.7', [192, 0, 2, 7]],
    ['::ffff:192.0.2.7', [192, 0, 2, 7]],
    ['::FFFF:c000:0207', [192, 0, 2, 7]],
    ['0:0:0:0:0:ffff:192.0.2.7', [192, 0, 2, 7]],
    ['::', ZEROS(16)],
    ['::1', [...ZEROS(15), 1]],
    ['0:0:0:0:0:0:0:1', [...ZEROS(15), 1]],
    ['fe80::a%eth0', [0xfe, 0x80, ...ZEROS(13), 10]],
    ['fe80::a%my_lan', [0xfe, 0x80, ...ZEROS(13), 10]],
    ['64:ff9b::192.0.2.7', [0, 0x64, 0xff, 0x9b, ...ZEROS(8), 192, 0, 2, 7]],
    ['::ffff:0:1:2', [...ZEROS(8), 0xff, 0xff, 0, 0, 0, 1, 0, 2]],
    ['1:2:3:4:5:6:7:8', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
  ])('%s are %j (R-7.6)', (text, bytes) => {
    expect(addressBytes(text)).toEqual(bytes);
  });

  it.each(['', 'unknown', 'localhost', 'not:an:address', '127.1', '192.0.2.7%eth0', '2001:db8::/64'])('are none of %j (R-7.6)', (text) => {
    expect(addressBytes(text)).toBeUndefined();
  });
});

it.each([
  ['127.0.0.1', true],
  ['127.255.0.3', true],
  ['::1', true],
  ['0:0:0:0:0:0:0:1', true],
  ['::ffff:127.0.0.1', true],
  ['::ffff:7f00:1', true],
  ['128.0.0.1', false],
  ['127.example.org', false],
  ['::ffff:0:7f00:1', false],
  ['::2', false],
  ['::', false],
  ['unknown', false],
])('whether %s is this machine: %s (R-7.6)', (address, expected) => {
  expect(isLoopback(address)).toBe(expected);
});

it.each([
  ['localhost', true],
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['[::1]', true],
  ['[::ffff:7f00:1]', true],
  ['127.example.org', false],
  ['127.0.0.1.example.org', false],
  ['localhost.example.org', false],
  ['0.0.0.0', false],
  ['::', false],
  ['192.0.2.1', false],
])('whether the host %s is this machine: %s', (host, expected) => {
  expect(isThisMachine(host)).toBe(expected);
});
