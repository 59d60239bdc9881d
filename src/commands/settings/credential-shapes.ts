import {
  type CheckContext,
  either,
  type Located,
  listOf,
  locatedAt,
  optional,
  plainValue,
  record,
  type Shape,
  scalar,
  text,
} from '../../document/index.js';
import { type GrantList, type JsonObject, ProtocolError, readGrants } from '../../protocol/index.js';
import type { ApiKey } from '../../server/options.js';
import { readDigest } from './api-keys.js';

const GRANT_SCHEMA: JsonObject = {
  type: 'array',
  items: {
    type: 'object',
    properties: {
      package: { type: 'string', minLength: 1, description: 'Name of a package, * for any' },
      page: { type: 'string', minLength: 1, description: 'Name of a page, * for any' },
      filters: { description: 'As in a subscription', type: ['object', 'null', 'boolean', 'array'] },
    },
    required: ['package', 'page'],
    additionalProperties: false,
  },
};

const WORD: Shape<GrantList> = scalar('all, none or a list of grants', {
  read: (value) => (value === 'all' ? value : value === 'none' ? [] : undefined),
  schema: { enum: ['all', 'none'] },
});

const LIST: Shape<GrantList> = {
  expected: 'a list of grants',
  check(at, context) {
    try {
      return readGrants(plainValue(at), '');
    } catch (error) {
      if (error instanceof ProtocolError) return complainAt(at, error, context);
      throw error;
    }
  },
  schema: () => GRANT_SCHEMA,
};

const DIGEST = 'the SHA-256 of a key, 64 hexadecimal digits; wsn token key makes both';

const KEY = record('A key', {
  name: text('Stands in the log and names the publisher'),
  sha256: scalar(DIGEST, {
    read: (value) => (typeof value === 'string' ? readDigest(value) : undefined),
    complain: () => `expected ${DIGEST}`,
    schema: { type: 'string', pattern: '^[0-9a-fA-F]{64}$' },
  }),
  publish: optional(grantsShape()),
  subscribe: optional(grantsShape()),
});

const FOUND_TEXT = /found the (?:text "(?:[^"\\]|\\.)*"|number \S+(?=,))/;

/** `all`, `none`, or grants. */
export function grantsShape(): Shape<GrantList> {
  return either('Grants', { scalar: WORD, list: LIST });
}

/** Keys of publishers, by their digests; no complaint repeats a text, which may be a key in the wrong place. */
export function keysShape(about: string): Shape<readonly ApiKey[]> {
  const shape = listOf(about, KEY);
  return {
    ...shape,
    check: (at, context) =>
      shape.check(at, {
        complain: ({ message, place }) => context.complain({ message: message.replace(FOUND_TEXT, 'found text'), place }),
      }),
  };
}

/** At the member that the pointer of the error names, or at what is there of the way to it. */
function complainAt(list: Located, error: ProtocolError, context: CheckContext): undefined {
  const { place } = locatedAt(list, error.path).at;
  context.complain({ message: `${error.path}: ${error.message}`, place });
}
