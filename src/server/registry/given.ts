import { accepts, comparisonForm, isObject, isScalar, isWildcard, type Json, type JsonObject } from '../../protocol/index.js';

/** From this length on an array given is read once, and not once for each value that is wanted of it. */
const LONG = 16;

/** What stands in a long array given, arrays inside it included: row 3 looks into them all alike. */
interface Contents {
  readonly forms: ReadonlySet<string | null>;
  readonly objects: readonly JsonObject[];
}

/**
 * The filters of one notification, for comparisons with many subscriptions. Says what `matches` says, but a list
 * wanted of a long array given costs their sum and not their product, and the array is read once for all subscriptions.
 */
export class Given {
  readonly #filters: JsonObject;
  #long: Map<readonly Json[], Contents> | undefined;

  constructor(filters: JsonObject) {
    this.#filters = filters;
  }

  /** Whether each of the filters of a subscription of the same topic accepts. */
  isWantedBy(wanted: JsonObject): boolean {
    return this.#hasAll(wanted, this.#filters);
  }

  #hasAll(wanted: JsonObject, given: JsonObject): boolean {
    for (const name of Object.keys(wanted)) {
      if (!Object.hasOwn(given, name) || !this.#accepts(wanted[name] as Json, given[name] as Json)) return false;
    }
    return true;
  }

  #accepts(wanted: Json, given: Json): boolean {
    if (isScalar(given) || isWildcard(wanted)) return accepts(wanted, given);
    if (isObject(given)) return isObject(wanted) && this.#hasAll(wanted, given);
    const elements = given as readonly Json[];
    if (elements.length < LONG) return elements.some((element) => this.#accepts(wanted, element));
    const { forms, objects } = this.#contentsOf(elements);
    if (forms.size > 0 && acceptsOneOf(wanted, forms)) return true;
    return isObject(wanted) && objects.some((object) => this.#hasAll(wanted, object));
  }

  #contentsOf(array: readonly Json[]): Contents {
    this.#long ??= new Map();
    const known = this.#long.get(array);
    if (known) return known;
    const forms = new Set<string | null>();
    const objects: JsonObject[] = [];
    const read = (elements: readonly Json[]): void => {
      for (const element of elements) {
        if (isScalar(element)) forms.add(comparisonForm(element));
        else if (isObject(element)) objects.push(element);
        else read(element as readonly Json[]);
      }
    };
    read(array);
    const contents = { forms, objects };
    this.#long.set(array, contents);
    return contents;
  }
}

/** Whether `wanted` accepts at least one of some scalars, given by their forms: rows 1, 2, 4, 5 and 7. */
function acceptsOneOf(wanted: Json, forms: ReadonlySet<string | null>): boolean {
  if (isWildcard(wanted)) return true;
  if (isScalar(wanted)) return forms.has(comparisonForm(wanted));
  if (Array.isArray(wanted)) return wanted.some((element) => isScalar(element) && forms.has(comparisonForm(element)));
  return Object.values(wanted).some((entry) => acceptsOneOf(entry, forms));
}
