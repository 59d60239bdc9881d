import type { CaseResult, Summary } from '../result.js';
import type { Reporter } from './reporter.js';

/**
 * Reports a run as NDJSON: `{"type":"case",…}` for each case at its end, then `{"type":"summary",…}`. The wire log is
 * there for what did not end as it should: a failure, expected or not, and an unexpected pass.
 * @param write takes a line without its line break.
 */
export function jsonReporter(write: (line: string) => void): Reporter {
  return {
    caseDone: (result) => write(JSON.stringify(caseJson(result))),
    end: (summary: Summary) => write(JSON.stringify({ type: 'summary', ...summary })),
  };
}

function caseJson({ case: of, round, outcome, durationMs, wire }: CaseResult) {
  const { id, scenario, title, rules, level, source, place, row } = of;
  const isQuiet = outcome.kind === 'passed' || outcome.kind === 'skipped';
  return {
    type: 'case',
    ...{ id, scenario, title, rules, level, file: source.path, line: place.line, column: place.column },
    ...(row === undefined ? {} : { row }),
    ...{ round, outcome, durationMs },
    ...(isQuiet ? {} : { wire }),
  };
}
