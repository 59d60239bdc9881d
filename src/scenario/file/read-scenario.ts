import { type Complaint, Complaints, type Located, memberOf, type Place, readYaml, type Source } from '../../document/index.js';
import type { Json, JsonObject } from '../../protocol/index.js';
import type { Case, ClientSpec } from '../scenario.js';
import { checkColumnsUsed, readRows } from './matrix.js';
import { checkClientsUsed, checkNotifications, laterNames } from './names.js';
import type { ScenarioFile, scenarioShape } from './scenario-shape.js';
import { substitute } from './substitute.js';

/** A file as it was read: its cases if nothing is wrong with it. */
export interface ReadScenario {
  readonly cases: readonly Case[];
  readonly complaints: readonly Complaint[];
  /** Its `id` and where that stands, if it has one: also that of a file which is wrong. */
  readonly id: { readonly name: string; readonly place: Place } | undefined;
}

/** Members of a file into which a row is put; the others are the same for all rows. */
const PER_ROW = ['title', 'clients', 'server', 'publisher', 'steps', 'finally', 'load'];

/** A run of the steps without a matrix. */
interface Run {
  readonly place: Place;
  readonly columns: ReadonlyMap<string, Json>;
  readonly values: JsonObject | undefined;
}

/** Reads one scenario file and checks all of it, once for each row of its matrix. */
export function readScenario(source: Source, shape: ReturnType<typeof scenarioShape>): ReadScenario {
  const { root, complaints: broken } = readYaml(source.text);
  if (root === undefined) return { cases: [], complaints: broken, id: undefined };
  const complaints = new Complaints();
  const context = { complain: (complaint: Complaint) => complaints.add(complaint) };
  const later = laterNames(root);
  const id = textOf(memberOf(root, 'id'));
  const matrix = memberOf(root, 'matrix');
  const used = new Set<string>();
  const rows: readonly Run[] = matrix === undefined ? [] : readRows(matrix, later, context);
  const runs = rows.length > 0 ? rows : [{ place: id?.place ?? root.place, columns: new Map<string, Json>(), values: undefined }];
  const cases: Case[] = [];
  for (const [index, run] of runs.entries()) {
    const suffix = index === 0 ? '' : ` (in row ${index + 1} of the matrix)`;
    complaints.begin(suffix);
    const filled = fillRow(root, (at) => substitute(at, { columns: run.columns, later, use: (name) => used.add(name), ...context }));
    complaints.begin(suffix);
    const file = shape.check(filled, { names: clientsOf(filled), ...context });
    checkNotifications(filled, context);
    if (file !== undefined) cases.push(caseOf(file, { source, run, number: rows.length > 0 ? index + 1 : undefined }));
  }
  if (complaints.areNone) {
    if (matrix !== undefined) checkColumnsUsed(matrix, used, context);
    const steps = cases.flatMap((one) => [...one.steps, ...one.finally]);
    checkClientsUsed(root, steps, context);
  }
  return { cases: complaints.areNone ? cases : [], complaints: complaints.sorted(), id };
}

function fillRow(root: Located, put: (at: Located) => Located): Located {
  if (root.kind !== 'map') return root;
  return { ...root, entries: root.entries.map((entry) => (PER_ROW.includes(entry.key) ? { ...entry, value: put(entry.value) } : entry)) };
}

function clientsOf(root: Located): ReadonlySet<string> {
  const clients = memberOf(root, 'clients');
  return new Set(clients?.kind === 'map' ? clients.entries.map(({ key }) => key) : []);
}

function caseOf(file: ScenarioFile, { source, run, number }: { source: Source; run: Run; number: number | undefined }): Case {
  const clients = Object.entries(file.clients ?? {}).map(([name, client]): [string, ClientSpec] => [
    name,
    { kind: 'normal', subprotocols: [], path: '/', headers: {}, ...client },
  ]);
  return {
    id: number === undefined ? file.id : `${file.id}#${number}`,
    scenario: file.id,
    title: file.title,
    rules: typeof file.rule === 'string' ? [file.rule] : file.rule,
    level: file.level,
    source,
    place: run.place,
    row: run.values,
    clients: Object.fromEntries(clients),
    server: file.server === 'own' ? {} : file.server,
    publisherHeaders: file.publisher?.headers ?? {},
    steps: file.steps ?? [],
    finally: file.finally ?? [],
    load: file.load,
  };
}

function textOf(at: Located | undefined): ReadScenario['id'] {
  return at?.kind === 'scalar' && typeof at.value === 'string' ? { name: at.value, place: at.place } : undefined;
}
