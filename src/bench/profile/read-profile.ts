import { type Complaint, type FileError, type Located, memberOf, readYaml, type Source } from '../../document/index.js';
import { LOAD_SHAPE, type LoadPart } from './load-shape.js';

/**
 * Reads a profile file: a load, `{ load: … }`, or a scenario, of which the `load` is taken. JSON is read as well.
 * @returns the load as far as the file gives it, and everything that is wrong with it.
 */
export function readProfile(source: Source): { readonly part: LoadPart | undefined; readonly errors: readonly FileError[] } {
  const { root, complaints } = readYaml(source.text);
  const found: Complaint[] = [...complaints];
  const part = root && readRoot(root, found);
  return { part, errors: found.map((complaint) => ({ path: source.path, source, ...complaint })) };
}

function readRoot(root: Located, found: Complaint[]): LoadPart | undefined {
  const load = memberOf(root, 'load');
  if (load === undefined && memberOf(root, 'steps') !== undefined) {
    found.push({ message: 'found a scenario without a member "load", expected a load, or a scenario that has one', place: root.place });
    return undefined;
  }
  if (load !== undefined) found.push(...strays(root));
  return LOAD_SHAPE.check(load ?? root, { complain: (complaint) => found.push(complaint) });
}

/** Members of a load that stand beside it: unread, a threshold among them would be no gate. */
function strays(root: Located): Complaint[] {
  const entries = root.kind === 'map' ? root.entries : [];
  const known = Object.keys(LOAD_SHAPE.schema().properties ?? {});
  return entries
    .filter(({ key }) => known.includes(key))
    .map(({ key, keyPlace }) => ({ message: `the member "${key}" stands beside "load": put it into it`, place: keyPlace }));
}
