import type { ReportStyle } from '../../../src/scenario/report/index.js';
import { NO_COLOURS } from '../../../src/scenario/report/report-style.js';
import type { CaseResult, Failure, Outcome, Summary } from '../../../src/scenario/result.js';
import type { Case, Level } from '../../../src/scenario/scenario.js';
import type { WireLog } from '../../../src/scenario/wire.js';

const TEXT = ['id: match/list', 'steps:', '  - send: { client: alice }', '  - expect: { client: alice, count: 1 }', ''].join('\n');

export const FAILURE: Failure = {
  message: 'alice has received 0 of 1 "news"',
  expected: '{"a":1}\n{"b":2}',
  actual: 'nothing',
  place: { line: 4, column: 30, length: 8 },
};

export const WIRE: WireLog = {
  alice: [
    { atMs: 0.44, direction: 'note', what: 'connected', payload: '', bytes: 0 },
    { atMs: 1.26, direction: 'sent', what: 'text', payload: '{"sender":"client"}', bytes: 19 },
    { atMs: 112.5, direction: 'received', what: 'close 1000', payload: 'bye\u001b[2J\u202e <b>', bytes: 14 },
  ],
};

/** Makes what a peer sends legible, and shows in a test that it was called. */
export const safe = (text: string): string =>
  text.replace(/[\p{Cc}\u202e]/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

export const PLAIN: ReportStyle = { pen: NO_COLOURS, safe, columns: 100 };

export function caseOf(id: string, { level = 'must', row }: { readonly level?: Level; readonly row?: Case['row'] } = {}): Case {
  return {
    id,
    scenario: id.replace(/#.*/, ''),
    title: 'A list accepts a scalar',
    rules: ['R-3.2'],
    level,
    source: { path: 'scenarios/match/list.yaml', text: TEXT },
    place: { line: 1, column: 1, length: 14 },
    row,
    clients: {},
    publisherHeaders: {},
    server: undefined,
    steps: [],
    finally: [],
    load: undefined,
  };
}

export function resultOf(id: string, outcome: Outcome = { kind: 'passed' }, more: Partial<CaseResult> = {}): CaseResult {
  return { case: caseOf(id), round: 1, outcome, durationMs: 12.3, wire: WIRE, ...more };
}

export function failed(id: string, more: Partial<CaseResult> = {}): CaseResult {
  return resultOf(id, { kind: 'failed', failure: FAILURE }, more);
}

/** One of each outcome. */
export const EACH: readonly CaseResult[] = [
  resultOf('match/passes'),
  failed('match/fails#2', { case: caseOf('match/fails#2', { row: { given: '2' } }) }),
  failed('match/noted', { case: caseOf('match/noted', { level: 'info' }) }),
  resultOf('close/expected', { kind: 'expected-failure', failure: FAILURE, because: 'row 4 (2026-11-23): no close frame' }),
  resultOf('close/unexpected', { kind: 'unexpected-pass', because: 'row 5 (2026-11-23): relays in another way' }),
  resultOf('close/skipped', { kind: 'skipped', because: 'needs a server of its own' }, { durationMs: 0, wire: {} }),
];

export const SUMMARY: Summary = {
  passed: 1,
  failed: 1,
  noted: 1,
  expectedFailures: 1,
  unexpectedPasses: 1,
  skipped: 1,
  durationMs: 21_430,
  server: 'ws://127.0.0.1:8000',
  seed: 7,
  isComplete: true,
};
