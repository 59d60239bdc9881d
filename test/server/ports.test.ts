import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/server/option-error.js';
import type { BrokerOptions } from '../../src/server/options.js';
import { authority, checkPorts, placesOf } from '../../src/server/ports.js';
import { resolveOptions } from '../../src/server/resolve-options.js';

function check(given: Partial<BrokerOptions>): void {
  checkPorts(resolveOptions(given));
}

describe('the ports of a broker', () => {
  it.each<[Partial<BrokerOptions>, string]>([
    [{ publishHost: '10.0.0.1' }, 'publishPort is missing: expected the port on which 10.0.0.1 takes publications'],
    [{ adminHost: '10.0.0.1' }, 'adminPort is missing: expected the port on which 10.0.0.1 tells metrics'],
    [{ port: 1, publishPort: 1 }, 'publishPort is 1, which 0.0.0.0:1 has already: expected another one, or 0 for any free one'],
    [{ port: 1, adminPort: 1 }, 'adminPort is 1, which 0.0.0.0:1 has already'],
    [{ host: '::', port: 1, adminPort: 1 }, 'adminPort is 1, which [::]:1 has already'],
    [{ host: '[::]', port: 1, adminPort: 1 }, 'adminPort is 1, which [::]:1 has already'],
    [{ host: '::1', port: 1, adminHost: '[::1]', adminPort: 1 }, 'adminPort is 1, which [::1]:1 has already'],
    [{ host: '127.0.0.1', port: 1, publishHost: '0.0.0.0', publishPort: 1 }, 'publishPort is 1, which 127.0.0.1:1 has already'],
    [{ port: 1, publishHost: '127.0.0.1', publishPort: 2, adminPort: 2 }, 'adminPort is 2, which 127.0.0.1:2 has already'],
  ])('are refused when one has none of its own: %j', (given, problem) => {
    expect(() => check(given)).toThrow(OptionError);
    expect(() => check(given)).toThrow(problem);
  });

  it.each<[Partial<BrokerOptions>]>([
    [{ port: 0, publishPort: 0, adminPort: 0 }],
    [{ port: 1, publishPort: 2, adminPort: 3 }],
    [{ host: '127.0.0.2', port: 1, adminPort: 1 }],
    [{ host: '0.0.0.0', port: 1, adminHost: '::1', adminPort: 1 }],
  ])('are fine when each has its own: %j', (given) => {
    expect(() => check(given)).not.toThrow();
  });
});

it('a place is shown as it stands in a URL', () => {
  const places = placesOf({ host: '[::1]', port: 1, publishHost: undefined, publishPort: 2, adminHost: undefined, adminPort: 3 });
  expect(places.map(authority)).toEqual(['[::1]:1', '[::1]:2', '127.0.0.1:3']);
});
