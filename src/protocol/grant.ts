import { countValues, describe, type Filters, isObject, type Json, type JsonObject, readFilters } from './filter.js';
import { LIMITS } from './limits.js';
import { acceptsFilters } from './match.js';
import type { Notification } from './messages.js';
import { escapePointer } from './pointer.js';
import { ProtocolError } from './protocol-error.js';
import type { Topic } from './topic.js';
import { utf8Length } from './utf8.js';

/** In a grant: any package, any page. */
export const ANY_NAME = '*';

/** What a peer may hear or say: shaped like a subscription, with `*` for any package or page. */
export interface Grant extends Topic {
  readonly filters?: Filters;
}

/** The members that a grant may have: one more is likely a misspelt one, without which the grant would open a whole topic. */
const MEMBERS: readonly string[] = ['package', 'page', 'filters'] satisfies readonly (keyof Grant)[];

/** The grants of one peer in one direction: a list, of which any is enough and none is nothing; or everything. */
export type GrantList = readonly Grant[] | 'all';

/** What a peer may do. */
export interface Access {
  /** What may reach it. */
  readonly subscribe: GrantList;
  /** What it may publish. */
  readonly publish: GrantList;
}

/**
 * Reads a list of grants, as it stands in a token or a configuration.
 * @param path JSON pointer of the list, for the error.
 * @throws ProtocolError `unauthenticated` with a pointer below `path`; nothing else.
 */
export function readGrants(value: Json | undefined, path: string): readonly Grant[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw refusal(`expected an array of grants, found ${describe(value)}`, path);
  if (value.length > LIMITS.subscriptions) throw refusal(`expected at most ${LIMITS.subscriptions} grants, found ${value.length}`, path);
  const grants = value.map((entry: Json, index) => readGrant(entry, `${path}/${index}`));
  const values = grants.reduce((sum, grant) => sum + countValues(grant.filters as JsonObject), 0);
  if (values > LIMITS.filterValues) throw refusal(`expected at most ${LIMITS.filterValues} filter values in all, found ${values}`, path);
  return grants;
}

/** Whether a grant of the list names the topic, whatever its filters say. */
export function namesTopic(grants: GrantList, topic: Topic): boolean {
  return grants === 'all' || grants.some((grant) => isForTopic(grant, topic));
}

/** The grants of the list that name the topic. */
export function grantsFor(grants: readonly Grant[], topic: Topic): readonly Grant[] {
  return grants.filter((grant) => isForTopic(grant, topic));
}

/** Whether any grant of the list lets the notification through. Never throws on decoded messages. */
export function permits(grants: GrantList, notification: Notification): boolean {
  return grants === 'all' || grants.some((grant) => isForTopic(grant, notification) && acceptsFilters(grant.filters, notification.filters));
}

function isForTopic(grant: Grant, topic: Topic): boolean {
  return (grant.package === ANY_NAME || grant.package === topic.package) && (grant.page === ANY_NAME || grant.page === topic.page);
}

function readGrant(value: Json, path: string): Grant {
  if (!isObject(value)) throw refusal(`expected a grant (an object), found ${describe(value)}`, path);
  const unknown = Object.keys(value).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) throw refusal('expected a grant to have package, page and filters alone', `${path}/${escapePointer(unknown)}`);
  const topic = { package: readName(value.package, `${path}/package`), page: readName(value.page, `${path}/page`) };
  try {
    return { ...topic, filters: readFilters(value.filters, 'subscription', `${path}/filters`) };
  } catch (error) {
    if (error instanceof ProtocolError) throw refusal(error.message, error.path);
    throw error;
  }
}

function readName(value: Json | undefined, path: string): string {
  if (typeof value !== 'string' || value === '') throw refusal(`expected a name or "${ANY_NAME}", found ${describe(value)}`, path);
  if (utf8Length(value) > LIMITS.topicNameBytes) throw refusal(`expected at most ${LIMITS.topicNameBytes} bytes`, path);
  return value;
}

function refusal(message: string, path: string): ProtocolError {
  return new ProtocolError('unauthenticated', message, { path });
}
