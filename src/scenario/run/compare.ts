import type { CaseResult, Outcome } from '../result.js';
import type { Case } from '../scenario.js';
import type { WireEvent } from '../wire.js';
import { runSuite, type SuiteOptions } from './run-suite.js';

/** What two servers did differently in one case. */
export interface Difference {
  readonly case: Case;
  readonly outcomes: readonly [Outcome, Outcome];
  /** Frames that only one of them sent, client by client, in their order. */
  readonly frames: readonly FrameDifference[];
}

export interface FrameDifference {
  readonly client: string;
  /** From 1, among all that the client received. */
  readonly number: number;
  /** What each sent at this place; `undefined` where it had nothing more to say. */
  readonly frames: readonly [string | undefined, string | undefined];
}

/** Characters: so much is always left of a payload that was cut. */
const COMPARED_OF_CUT = 200;

/**
 * Runs the same cases on two servers, one after the other.
 * @param onProgress called after each case of either.
 * @returns the cases in which what they sent differs, with what is different in each run taken out: topics, tokens,
 *   epochs, ids of connections, and the masks and moments of frames.
 */
export async function compareServers(
  options: Omit<SuiteOptions, 'onResult' | 'repeat' | 'bail'>,
  other: SuiteOptions['server'],
  onProgress: (result: CaseResult) => void,
): Promise<readonly Difference[]> {
  const results = [new Map<string, CaseResult>(), new Map<string, CaseResult>()] as const;
  for (const [index, server] of [options.server, other].entries()) {
    if (options.signal?.aborted) break;
    const onResult = (result: CaseResult) => {
      results[index as 0 | 1].set(result.case.id, result);
      onProgress(result);
    };
    await runSuite({ ...options, server, repeat: 1, bail: false, onResult });
  }
  return options.cases.flatMap((one) => {
    const pair = results.map((byId) => byId.get(one.id));
    return pair[0] && pair[1] ? differenceOf(pair[0], pair[1]) : [];
  });
}

function differenceOf(one: CaseResult, other: CaseResult): readonly Difference[] {
  const clients = new Set([...Object.keys(one.wire), ...Object.keys(other.wire)]);
  const frames = [...clients].flatMap((client) => {
    const sequences = [sequence(one, client), sequence(other, client)] as const;
    return differentFrames(client, sequences);
  });
  if (frames.length === 0 && one.outcome.kind === other.outcome.kind) return [];
  return [{ case: one.case, outcomes: [one.outcome, other.outcome], frames }];
}

function differentFrames(client: string, [one, other]: readonly [readonly string[], readonly string[]]): readonly FrameDifference[] {
  const length = Math.max(one.length, other.length);
  return Array.from({ length }, (_, index) => ({ client, number: index + 1, frames: [one[index], other[index]] as const })).filter(
    ({ frames: [left, right] }) => left !== right,
  );
}

/** What the server sent to a client, in its order; heartbeats come when they come. */
function sequence({ wire }: CaseResult, client: string): readonly string[] {
  const names = new Names();
  const events = (wire[client] ?? []).filter(({ direction, what }) => direction === 'received' && what !== 'ping');
  return events.map((event) => comparable(names.replace(`${event.what} ${textOf(event)}`.trim())));
}

/** Where the log has cut a payload depends on the length of what was replaced: of such a one only the beginning is compared. */
function comparable(text: string): string {
  return text.endsWith('…') ? `${text.slice(0, COMPARED_OF_CUT)}…` : text;
}

/** A pong repeats what the harness chose at random. */
function textOf({ what, payload }: WireEvent): string {
  return what === 'pong' && payload.startsWith('ready ') ? 'ready' : payload;
}

/** What a server or a run chooses freely, replaced by the place at which it was seen first. */
class Names {
  readonly #seen = new Map<string, string>();

  replace(text: string): string {
    return text
      .replace(/wt-[0-9a-f]{9}/g, 'the-package')
      .replace(/"wsn-test":"[^"]*"/g, '"wsn-test":"…"')
      .replace(/"(epoch|connection)":"([^"]*)"/g, (_, name: string, value: string) => `"${name}":"${this.#nameFor(name, value)}"`)
      .replace(/^(HTTP \d+) .*$/s, '$1');
  }

  #nameFor(name: string, value: string): string {
    const known = this.#seen.get(`${name} ${value}`);
    if (known !== undefined) return known;
    const fresh = `${name} ${this.#seen.size + 1}`;
    this.#seen.set(`${name} ${value}`, fresh);
    return fresh;
  }
}
