import { InvalidArgumentError } from 'commander';
import { type Grant, type GrantList, type Json, type JsonObject, membersOf, ProtocolError, readGrants } from '../../protocol/index.js';
import type { Kind } from './kind.js';

/** `all`, `none`, or a list of grants as JSON. */
export const GRANTS: Kind<GrantList> = {
  placeholder: 'grants',
  expected: 'all, none or a list of grants such as [{"package":"amaiia_msg_srv","page":"*"}]',
  written: ['string'],
  isList: false,
  isPath: false,
  parse: parseGrants,
  format: (value) => (value === 'all' ? value : value.length === 0 ? 'none' : value.map(written)),
};

function parseGrants(text: string): GrantList {
  const word = text.trim();
  if (word === 'all') return word;
  if (word === 'none') return [];
  const value = asJson(word);
  if (!Array.isArray(value)) throw new InvalidArgumentError(`Expected ${GRANTS.expected}.`);
  try {
    return readGrants(value, '');
  } catch (error) {
    if (error instanceof ProtocolError) throw new InvalidArgumentError(`At ${error.path}: ${error.message}.`);
    throw error;
  }
}

function asJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function written({ package: name, page, filters }: Grant): JsonObject {
  return Object.keys(membersOf(filters)).length === 0 ? { package: name, page } : { package: name, page, filters: membersOf(filters) };
}
