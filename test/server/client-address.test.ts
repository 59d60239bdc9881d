import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ClientAddress } from '../../src/server/client-address.js';
import { parseNetworks } from '../../src/server/networks.js';

function trusting(...networks: readonly string[]): ClientAddress {
  return new ClientAddress(parseNetworks(networks, 'trustProxies'), networks.length === 0);
}

describe('the address of a client', () => {
  test.each([
    ['a socket of nobody who is known', [], undefined, '203.0.113.5', 'unknown'],
    ['a socket of nobody who is known, with proxies', ['0.0.0.0/0', '::/0'], undefined, '203.0.113.5', 'unknown'],
    ['an IPv6 socket of an IPv4 proxy', ['10.0.0.0/8'], '::ffff:10.0.0.1', '203.0.113.5', '203.0.113.5'],
    ['an IPv6 socket of an IPv4 client', ['10.0.0.0/8'], '::ffff:203.0.113.5', '10.0.0.1', '203.0.113.5'],
    ['an IPv6 proxy', ['fd00::/8'], 'fd00::1', '2001:db8::5', '2001:db8::5'],
    ['a chain of both families', ['fd00::/8', '10.0.0.0/8'], 'fd00::1', '203.0.113.5, ::ffff:10.0.0.1', '203.0.113.5'],
    ['everybody trusted', ['0.0.0.0/0'], '10.0.0.1', '203.0.113.5, 198.51.100.7', '203.0.113.5'],
    ['nothing but spaces', ['10.0.0.0/8'], '10.0.0.1', ' ', '10.0.0.1'],
    ['a name', ['10.0.0.0/8'], '10.0.0.1', 'client.example', '10.0.0.1'],
    ['what RFC 7239 hides', ['10.0.0.0/8'], '10.0.0.1', '_secret', '10.0.0.1'],
    ['an address with a zone of zeros', ['10.0.0.0/8'], '10.0.0.1', '203.000.113.005', '10.0.0.1'],
  ])('%s: with %j, %s, %j: %s (R-7.5)', (_, networks, socket, forwarded, address) => {
    expect(trusting(...networks).of(socket, { 'x-forwarded-for': forwarded })).toBe(address);
  });

  test('is the socket itself, as it stands, where nobody is trusted (R-7.5)', () => {
    expect(trusting().of('::ffff:10.0.0.1', { 'x-forwarded-for': '203.0.113.5' })).toBe('::ffff:10.0.0.1');
  });

  test('is never what a client writes: what its proxy adds counts, whatever stands before it (R-7.5)', () => {
    const hop = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('10.0.0.1', '127.0.0.1', '', ' ', 'unknown', '[::1]:5'), fc.string());
    fc.assert(
      fc.property(fc.array(hop, { maxLength: 6 }), (hops) => {
        const forwarded = [...hops, '203.0.113.5'].join(', ');
        expect(trusting('10.0.0.0/8').of('10.0.0.1', { 'x-forwarded-for': forwarded })).toBe('203.0.113.5');
      }),
      { numRuns: 1000 },
    );
  });
});
