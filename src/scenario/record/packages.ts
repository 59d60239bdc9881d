import { isObject, type Json } from '../../protocol/index.js';
import { memberOf, type ScannedMember, type ScannedObject, scan } from '../../protocol/scan.js';

/** In an object with this name in front the elements of any list are read as notifications are. */
const LIST_HEAD = '{"notifications":';

/** The package of the scenario, which is another one in each run. */
export const OWN_PACKAGE = `\${package}`;

/** The packages that were seen, and what stands for them in a scenario: that of the scenario for the first, `${package}-2` for the next. */
export class Packages {
  readonly #variables: ReadonlyMap<string, string>;

  /** @param names in the order in which they were seen; one may stand there more than once. */
  constructor(names: readonly string[]) {
    this.#variables = new Map([...new Set(names)].map((name, index) => [name, index === 0 ? OWN_PACKAGE : `${OWN_PACKAGE}-${index + 1}`]));
  }

  /** What stands for a package: that of the scenario, or one beside it; a name that was not seen in a topic stays as it is. */
  variable(name: string): string {
    return this.#variables.get(name) ?? escapeText(name);
  }

  /** A message or notification as JSON text, with every package of a topic replaced and nothing else changed. */
  inText(text: string): string {
    const bytes = Buffer.from(text);
    let written = '';
    let at = 0;
    for (const { start, end, variable } of this.#spans(bytes)) {
      written += `${escapeText(bytes.toString('utf8', at, start))}"${variable}"`;
      at = end;
    }
    return written + escapeText(bytes.toString('utf8', at));
  }

  /** A value with its `package` replaced, or that of each element of a list. */
  inValue(value: Json): Json {
    if (Array.isArray(value)) return value.map((one: Json) => this.inValue(one));
    if (!isObject(value)) return escapeValue(value);
    const { package: name } = value;
    const topic = typeof name === 'string' ? { package: this.variable(name) } : {};
    return { ...(escapeValue(value) as object), ...topic };
  }

  #spans(bytes: Buffer): { readonly start: number; readonly end: number; readonly variable: string }[] {
    const spans = topicsIn(bytes).flatMap(({ object, offset }) => {
      const member = memberOf(object, 'package');
      if (!member) return [];
      const [start, end] = [member.start + offset, member.end + offset];
      const name = JSON.parse(bytes.toString('utf8', start, end)) as Json;
      const variable = typeof name === 'string' ? this.#variables.get(name) : undefined;
      return variable === undefined ? [] : [{ start, end, variable }];
    });
    return spans.toSorted((a, b) => a.start - b.start);
  }
}

/** Text as it has to stand in a file to be that text. */
export function escapeText(text: string): string {
  return text.replaceAll('${', () => '$${');
}

/** The same for every text of a value; names are never replaced. */
export function escapeValue(value: Json): Json {
  if (typeof value === 'string') return escapeText(value);
  if (Array.isArray(value)) return value.map((one: Json) => escapeValue(one));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, escapeValue(member)]));
}

/** The objects of a message that name a topic; `offset` is to be added to their places. */
function topicsIn(bytes: Buffer): { readonly object: ScannedObject; readonly offset: number }[] {
  const root = scanned(bytes);
  if (!root) return [];
  const inside = ['notification', 'notifications'].flatMap((name) => memberOf(root, name)?.inner ?? []);
  const listed = ['subscriptions', 'resume'].flatMap((name) => elementsOf(bytes, memberOf(root, name)));
  return [...[root, ...inside].map((object) => ({ object, offset: 0 })), ...listed];
}

function elementsOf(bytes: Buffer, member: ScannedMember | undefined): { readonly object: ScannedObject; readonly offset: number }[] {
  if (!member) return [];
  const list = Buffer.concat([Buffer.from(LIST_HEAD), bytes.subarray(member.start, member.end), Buffer.from('}')]);
  const found = scanned(list);
  const elements = found ? (memberOf(found, 'notifications')?.inner ?? []) : [];
  return elements.map((object) => ({ object, offset: member.start - LIST_HEAD.length }));
}

function scanned(bytes: Buffer): ScannedObject | undefined {
  try {
    return scan(bytes);
  } catch {
    return undefined; // no JSON, so it names no topic
  }
}
