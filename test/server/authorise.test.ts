import { describe, expect, test } from 'vitest';
import { closeCodeOf, closeReasonOf } from '../../src/protocol/index.js';
import { publishingForbidden, StrangerRule, speaksForItself } from '../../src/server/authorise.js';

type Case = readonly [what: string, address: string, headers: Record<string, string>, allowPublish: readonly string[], verdict: boolean];

const LISTED = ['10.0.0.0/8', 'fd00::/8'];

const CASES: readonly Case[] = [
  ['loopback', '127.0.0.1', {}, [], true],
  ['any address of 127.0.0.0/8', '127.9.9.9', {}, [], true],
  ['IPv6 loopback', '::1', {}, [], true],
  ['loopback over an IPv6 socket', '::ffff:127.0.0.1', {}, [], true],
  ['loopback with headers that mean nothing here', '127.0.0.1', { host: 'x', forward: '1', 'x-forward': '1', 'x-origin': '1' }, [], true],
  ['a page on this machine', '127.0.0.1', { origin: 'http://localhost' }, [], false],
  ['a page without an origin of its own', '::1', { origin: 'null' }, [], false],
  ['an empty Origin', '127.0.0.1', { origin: '' }, [], false],
  ['a proxy on this machine: X-Forwarded-For', '127.0.0.1', { 'x-forwarded-for': '10.0.0.1' }, [], false],
  ['a proxy on this machine: X-Forwarded-Proto', '::1', { 'x-forwarded-proto': 'https' }, [], false],
  ['a proxy on this machine: X-Forwarded-Host', '::ffff:127.0.0.1', { 'x-forwarded-host': 'example.org' }, [], false],
  ['a proxy on this machine: X-Forwarded-anything', '127.0.0.1', { 'x-forwarded-ssl': 'on' }, [], false],
  ['a proxy on this machine: Forwarded', '127.0.0.1', { forwarded: 'for=192.0.2.43' }, [], false],
  ['what a proxy says of whom it speaks for', '192.0.2.1', { 'x-forwarded-for': '127.0.0.1' }, [], false],
  ['another machine', '10.1.2.3', {}, [], false],
  ['another machine over an IPv6 socket', '::ffff:10.1.2.3', {}, [], false],
  ['an address that only looks like loopback', '128.0.0.1', {}, [], false],
  ['an unspecified address', '::', {}, [], false],
  ['an address that is not known any more', 'unknown', {}, [], false],
  ['an address that is not known any more, with everybody listed', 'unknown', {}, ['0.0.0.0/0', '::/0'], false],
  ['a listed network', '10.1.2.3', {}, LISTED, true],
  ['a listed network over an IPv6 socket', '::ffff:10.1.2.3', {}, LISTED, true],
  ['a listed IPv6 network', 'fd12::1', {}, LISTED, true],
  ['a listed network, whatever its headers say', '10.1.2.3', { origin: 'https://x', 'x-forwarded-for': '1.2.3.4' }, LISTED, true],
  ['a link-local address with the name of its interface', 'fe80::1%lo', {}, ['fe80::/10'], true],
  ['a neighbour of a listed network', '11.0.0.1', {}, LISTED, false],
  ['loopback beside a list', '127.0.0.1', {}, LISTED, true],
  ['a page on this machine beside a list', '127.0.0.1', { origin: 'http://localhost' }, LISTED, false],
  ['a page on this machine when that is listed', '127.0.0.1', { origin: 'http://localhost' }, ['127.0.0.1'], true],
];

/** Whether a request from there may publish while nobody is authenticated. */
function rule(allowPublish: readonly string[]): (address: string, headers: Record<string, string>) => boolean {
  const strangers = new StrangerRule({ allowPublish, anonymousSubscribe: undefined, anonymousPublish: undefined }, false);
  return (address, headers) => strangers.identityOf({ address, isDirect: speaksForItself(headers) })?.access.publish === 'all';
}

describe('who may publish without authentication (R-7.1)', () => {
  test.each(CASES)('%s: %s %j with %j: %s (R-7.1)', (_, address, headers, allowPublish, verdict) => {
    expect(rule(allowPublish)(address, headers)).toBe(verdict);
  });

  test('is decided by the headers of each request, whoever asked from the same address before (R-7.1)', () => {
    const mayPublish = rule(LISTED);
    for (const [, address, headers, allowPublish, verdict] of [...CASES, ...CASES]) {
      if (allowPublish === LISTED) expect(mayPublish(address, headers)).toBe(verdict);
    }
    expect(mayPublish('127.0.0.1', {})).toBe(true);
    expect(mayPublish('127.0.0.1', { 'x-forwarded-for': '10.0.0.1' })).toBe(false);
    expect(mayPublish('127.0.0.1', {})).toBe(true);
  });

  test('stays the same after any number of other addresses (R-7.1)', () => {
    const mayPublish = rule(LISTED);
    for (let index = 0; index < 5000; index++) {
      const isListed = index % 2 === 0;
      expect(mayPublish(`${isListed ? 10 : 11}.0.${index >> 8}.${index & 255}`, {})).toBe(isListed);
    }
    expect(mayPublish('10.0.0.0', {})).toBe(true);
    expect(mayPublish('11.0.0.1', {})).toBe(false);
  });
});

test('the refusal closes with 4403 and names the option that would allow it (R-7.1, R-4.1)', () => {
  const error = publishingForbidden('place');
  expect(error).toMatchObject({ code: 'forbidden', retry: false, path: '' });
  expect(closeCodeOf(error)).toBe(4403);
  expect(closeReasonOf(error)).toContain('--allow-publish CIDR');
});
