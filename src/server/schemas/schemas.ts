import { join } from 'node:path';
import type { Publication } from '../../protocol/index.js';
import { OptionError } from '../option-error.js';
import type { BrokerOptions } from '../options.js';
import type { CheckData } from './compile-schemas.js';

/** Data that does not fit the schema of its topic. */
export interface Violation {
  /** JSON pointer of the member at fault, from the root of the message; it may hold names of members that the publisher chose. */
  readonly path: string;
  /** What was expected, and what was found by its type: it repeats nothing that the publisher sent. */
  readonly message: string;
  /** Which rule of which file: `p/q.json#/properties/id/type`, `p/q.json ../id.json#/type`. The operator's text: for the log, where `path` must not stand. */
  readonly rule: string;
  /** True where schemas are only observed: to be logged and counted, and the notification is sent all the same. */
  readonly isObserved: boolean;
}

/** The schemas of data, by topic. Made from a whole folder, and replaced whole when that is read again. */
export interface Schemas {
  /** How many topics have one. */
  readonly topics: number;
  /** SHA-256 of the files that were read, undefined without a folder: tells a reload whether they have changed. */
  readonly digest: string | undefined;
  /**
   * Checks the data of a notification. For a topic without a schema that is one look into a map. Never throws.
   * @param bytes the message in which the publication stands: its data need not have been built.
   * @param path JSON pointer of the notification in that message: `/notification`, `/notifications/1`, or empty.
   */
  check(publication: Publication, bytes: Uint8Array, path: string): Violation | undefined;
}

const NO_SCHEMAS: Schemas = { topics: 0, digest: undefined, check: () => undefined };

/**
 * Reads and compiles a folder of schemas, `<package>/<page>.json`; all of them or none.
 * @throws OptionError `schemas`, naming file, line and column of the first thing that is wrong.
 */
export async function loadSchemas({ schemas, schemaMode }: Pick<BrokerOptions, 'schemas' | 'schemaMode'>): Promise<Schemas> {
  if (schemas === undefined) return NO_SCHEMAS;
  // Only here: a broker without schemas does not wait for the compiler.
  const { readSchemas } = await import('./read-schemas.js');
  const { checks, errors, digest } = await readSchemas(schemas);
  const [first, ...others] = errors;
  if (first) {
    const place = first.source === undefined ? '' : `:${first.place.line}:${first.place.column}`;
    const more = others.length === 0 ? '' : ` (and ${others.length} more: wsn schema check ${schemas})`;
    throw new OptionError('schemas', `${join(schemas, first.path)}${place}: ${first.message}${more}`);
  }
  return new TopicSchemas({ checks, digest, isObserved: schemaMode === 'observe' });
}

class TopicSchemas implements Schemas {
  readonly topics: number;
  readonly digest: string;
  /** By package, then by page: no key has to be made of the two. */
  readonly #checks = new Map<string, Map<string, CheckData>>();
  readonly #isObserved: boolean;

  constructor({ checks, digest, isObserved }: { checks: readonly CheckData[]; digest: string; isObserved: boolean }) {
    this.topics = checks.length;
    this.digest = digest;
    this.#isObserved = isObserved;
    for (const check of checks) {
      const pages = this.#checks.get(check.topic.package) ?? new Map<string, CheckData>();
      this.#checks.set(check.topic.package, pages.set(check.topic.page, check));
    }
  }

  check(publication: Publication, bytes: Uint8Array, path: string): Violation | undefined {
    const { notification } = publication;
    const check = this.#checks.get(notification.package)?.get(notification.page);
    if (check === undefined) return undefined;
    const misfit = check.misfit(dataOf(publication, bytes));
    return misfit && { path: `${path}/data${misfit.pointer}`, message: misfit.message, rule: misfit.rule, isObserved: this.#isObserved };
  }
}

/** The data of a publication, which is read again where only its topic and its filters were built. */
function dataOf({ notification, start, end }: Publication, bytes: Uint8Array): unknown {
  if (Object.hasOwn(notification, 'data')) return notification.data;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
  return (JSON.parse(text) as { readonly data?: unknown }).data;
}
