import type { CaseResult, Summary } from '../result.js';

/** Is told of a run while it runs. */
export interface Reporter {
  /** A case has ended; cases end in any order. */
  caseDone(result: CaseResult): void;
  /** All have ended, or the run was ended early. */
  end(summary: Summary): void;
}
