import {
  type Complaint,
  type FileError,
  type Infer,
  integer,
  type Located,
  listOf,
  memberOf,
  oneOf,
  optional,
  type Place,
  readSource,
  readYaml,
  record,
  scalar,
  text,
} from '../../document/index.js';
import { matchesGlob } from './glob.js';

const DATE = scalar('a day such as 2026-11-23', {
  read: (value) => (typeof value === 'string' && isDay(value) ? value : undefined),
  schema: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'Since when it is listed' },
});

const SCENARIOS = listOf('The cases: ids, or patterns such as v1/**', text('The id of a case or scenario, or a pattern'));

const DIVERGENCE = record('Something that the target does in another way', {
  row: optional(integer('Its row in DIVERGENCES.md', { least: 1 })),
  date: DATE,
  basis: optional(oneOf('How that is known', ['known', 'assumed'])),
  target: text('What the target does'),
  wsn: optional(text('What wsn does instead')),
  rule: optional(text('The rule of PROTOCOL.md that says so')),
  option: optional(text('The option of wsn that brings the old behaviour back')),
  scenarios: SCENARIOS,
  proof: optional(listOf('Tests beside the scenarios that prove what wsn does', text('A file'))),
});

const NOT_APPLICABLE = record('Cases that the target cannot be asked', {
  date: DATE,
  reason: text('Why not'),
  scenarios: SCENARIOS,
});

const TARGET = record('What is known of one server', {
  target: text('Its name'),
  about: text('What it is'),
  divergences: optional(listOf('What it does in another way: these cases have to fail', DIVERGENCE)),
  notApplicable: optional(listOf('What it cannot be asked: these cases are not run', NOT_APPLICABLE)),
});

/** Something that a server is known to do in another way. */
export type Divergence = Infer<typeof DIVERGENCE>;

/** What a case has to come to on a target. */
export type Expectation = { readonly kind: 'pass' } | { readonly kind: 'fail' | 'skip'; readonly because: string };

/** What is known of one server. */
export interface Target {
  readonly name: string;
  readonly about: string;
  readonly divergences: readonly Divergence[];
  /** `because` names the divergence with its date, or is the reason why the case does not apply. */
  expectation(caseId: string): Expectation;
  /** One error for each pattern that covers none of these cases; to be asked with all cases of a suite. */
  unusedPatterns(caseIds: readonly string[]): readonly FileError[];
}

/** A target file, and all that is wrong with it. */
export interface LoadedTarget {
  /** `undefined` where there are errors. */
  readonly target: Target | undefined;
  readonly errors: readonly FileError[];
}

/** Loads a target file; `scenarios/targets/php.yaml` describes the format. */
export function loadTarget(path: string): LoadedTarget {
  const read = readSource(path);
  if ('message' in read) return { target: undefined, errors: [read] };
  const { root, complaints } = readYaml(read.text);
  const found: Complaint[] = [...complaints];
  const file = root && TARGET.check(root, { complain: (complaint) => found.push(complaint) });
  if (root === undefined || file === undefined || found.length > 0) {
    return { target: undefined, errors: found.map((complaint) => ({ path, source: read, ...complaint })) };
  }
  const patterns = patternsOf(root);
  const target: Target = {
    name: file.target,
    about: file.about,
    divergences: file.divergences ?? [],
    expectation: (caseId) => expectationOf(file, caseId),
    unusedPatterns: (caseIds) =>
      patterns
        .filter(({ pattern }) => !caseIds.some((id) => matchesGlob(pattern, id)))
        .map(({ pattern, place }) => ({
          path,
          source: read,
          place,
          message: `${JSON.stringify(pattern)} fits no case: correct it or take it out`,
        })),
  };
  return { target, errors: [] };
}

function expectationOf(file: Infer<typeof TARGET>, caseId: string): Expectation {
  const covers = ({ scenarios }: { readonly scenarios: readonly string[] }) => scenarios.some((pattern) => matchesGlob(pattern, caseId));
  const reason = file.notApplicable?.find(covers)?.reason;
  if (reason !== undefined) return { kind: 'skip', because: reason };
  const divergence = file.divergences?.find(covers);
  return divergence === undefined ? { kind: 'pass' } : { kind: 'fail', because: nameOf(divergence) };
}

/** Such as `DIVERGENCES.md row 4 (assumed, 2026-11-23): decodes and encodes a notification again`. */
function nameOf({ row, basis, date, target }: Divergence): string {
  const known = [basis, date].filter((part) => part !== undefined).join(', ');
  return `${row === undefined ? 'known divergence' : `DIVERGENCES.md row ${row}`} (${known}): ${target}`;
}

function patternsOf(root: Located): readonly { readonly pattern: string; readonly place: Place }[] {
  const entries = [memberOf(root, 'divergences'), memberOf(root, 'notApplicable')].flatMap(itemsOf);
  const scenarios = entries.flatMap((entry) => itemsOf(memberOf(entry, 'scenarios')));
  return scenarios.flatMap((at) => (at.kind === 'scalar' ? [{ pattern: String(at.value), place: at.place }] : []));
}

function itemsOf(at: Located | undefined): readonly Located[] {
  return at?.kind === 'list' ? at.items : [];
}

function isDay(value: string): boolean {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(value) ? Date.parse(value) : Number.NaN;
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(value);
}
