import { type Complaint, type FileError, memberOf, readYaml, type Source } from '../../document/index.js';
import { LOAD_SHAPE, type LoadPart } from './load-shape.js';

/**
 * Reads a profile file: a load, `{ load: … }`, or a scenario, of which the `load` is taken. JSON is read as well.
 * @returns the load as far as the file gives it, and everything that is wrong with it.
 */
export function readProfile(source: Source): { readonly part: LoadPart | undefined; readonly errors: readonly FileError[] } {
  const { root, complaints } = readYaml(source.text);
  const found: Complaint[] = [...complaints];
  const part = root && LOAD_SHAPE.check(memberOf(root, 'load') ?? root, { complain: (complaint) => found.push(complaint) });
  return { part, errors: found.map((complaint) => ({ path: source.path, source, ...complaint })) };
}
