import type { CaseResult, Outcome } from '../result.js';

/** Cases that have a reason in common. */
export interface OutcomeGroup {
  readonly because: string;
  /** Each once, also when it was run several times; with the last failure's message. */
  readonly cases: readonly { readonly id: string; readonly times: number; readonly message: string }[];
}

type WithReason = Extract<Outcome, { because: string }>['kind'];

/** The cases that ended in this way, grouped by their reasons, in the order in which these came up first. */
export function groupByReason(results: readonly CaseResult[], kind: WithReason): readonly OutcomeGroup[] {
  const groups = new Map<string, Map<string, { id: string; times: number; message: string }>>();
  for (const {
    case: { id },
    outcome,
  } of results) {
    if (outcome.kind !== kind) continue;
    const cases = groups.get(outcome.because) ?? new Map();
    groups.set(outcome.because, cases);
    const message = outcome.kind === 'expected-failure' ? outcome.failure.message : '';
    cases.set(id, { id, times: (cases.get(id)?.times ?? 0) + 1, message });
  }
  return [...groups].map(([because, cases]) => ({ because, cases: [...cases.values()].toSorted(byId) }));
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id.localeCompare(b.id, 'en', { numeric: true });
}
