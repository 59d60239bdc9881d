import { type Complaint, describeLocated, quote } from '../../document/index.js';
import type { Json } from '../../protocol/index.js';
import { BenchError } from '../bench-error.js';
import type { FindMaxResult } from '../result/find-max-result.js';
import type { BenchResult } from '../result/result.js';
import { resultShape } from '../result/result-shape.js';
import { type LocatedJson, locateJson } from './locate-json.js';

const FORMAT: BenchResult['format'] = 'wsn-bench/1';
const FIND_MAX: FindMaxResult['format'] = 'wsn-bench-find-max/1';

/** Runs that were not measured to their end, or not well, and what to say of them. */
const NO_MEASURE: Partial<Record<BenchResult['verdict'], string>> = {
  invalid: 'the generator was past a limit, and its figures say nothing about the broker',
  aborted: 'it was interrupted before its end',
};

/**
 * Reads what `--save` or `--json` kept of an earlier run.
 * @param path stands in messages.
 * @throws BenchError with kind `usage` when it is no result, one of another version, or of a run that is no measure for others.
 */
export function readBaseline(text: string, path: string): BenchResult {
  const located = locateJson(parse(text, path));
  checkFormat(located, path);
  const complaints: Complaint[] = [];
  const result = resultShape.check(located.root, { complain: (complaint) => complaints.push(complaint) });
  if (result === undefined) throw noResult(path, describe(complaints, located));
  const flaw = NO_MEASURE[result.verdict];
  if (flaw !== undefined) throw unusable(path, `is of a run that ended ${result.verdict}: ${flaw}: measure it again`);
  return result;
}

function parse(text: string, path: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    const why = (error as Error).message.replaceAll(/\p{Cc}/gu, ' '); // it quotes a piece of the file
    throw noResult(path, text.trim() === '' ? 'it is empty' : `it is not JSON: ${why}`);
  }
}

/** The version comes first: whatever else differs in another one would only mislead. */
function checkFormat({ root }: LocatedJson, path: string): void {
  if (root.kind !== 'map') throw noResult(path, `found ${describeLocated(root)}, expected a map`);
  const format = root.entries.find(({ key }) => key === 'format')?.value;
  const name = format?.kind === 'scalar' && typeof format.value === 'string' ? format.value : undefined;
  if (name === FORMAT) return;
  if (name === FIND_MAX)
    throw unusable(path, 'is the result of a search by --find-max, which has no single run to compare with: measure a baseline without it');
  if (name?.startsWith('wsn-bench/')) {
    throw unusable(
      path,
      `has the format ${quote(name)}, expected ${quote(FORMAT)}: it is of another version of wsn: measure it again with this one`,
    );
  }
  throw noResult(
    path,
    format ? `its member "format" is ${describeLocated(format)}, expected ${quote(FORMAT)}` : 'it has no member "format"',
  );
}

function describe(complaints: readonly Complaint[], { pathOf }: LocatedJson): string {
  const [first, ...others] = complaints;
  if (first === undefined) return 'it is incomplete';
  const where = pathOf(first.place);
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return `${where === '' ? '' : `at ${where}: `}${first.message}${more}`;
}

function noResult(path: string, why: string): BenchError {
  return unusable(path, `is not a result of wsn bench: ${why}: give a file that --save has written`);
}

function unusable(path: string, why: string): BenchError {
  return new BenchError('usage', `${path}: ${why}`);
}
