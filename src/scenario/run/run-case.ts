import { randomBytes } from 'node:crypto';
import type { Place } from '../../document/index.js';
import { type Endpoint, urlOf } from '../client/endpoint.js';
import type { LineClient } from '../client/line-client.js';
import type { Failure } from '../result.js';
import type { Case, LoadSite, Step } from '../scenario.js';
import type { WireLog } from '../wire.js';
import { judge } from './fence.js';
import { Scene, type SceneOptions } from './scene.js';
import { StepFailure } from './step-failure.js';

/** What one run of a case came to. */
export interface CaseRun {
  readonly failure: Failure | undefined;
  readonly durationMs: number;
  readonly wire: WireLog;
}

/**
 * Runs the steps of a case, then its load, then looks whether anything is there that no step has expected, then runs what has to be
 * done in any case.
 * @param signal ends the run: the step that is under way fails.
 */
export async function runCase(of: Case, options: Omit<SceneOptions, 'package'>, signal?: AbortSignal): Promise<CaseRun> {
  const startedAt = performance.now();
  await using scene = new Scene(of, { ...options, package: uniquePackage() });
  using interruption = interrupted(signal);
  const { steps, finally: last } = of;
  const running = { scene, interruption };
  const failure = (await firstFailure(steps, running)) ?? (await failureOfLoad(of, running, signal)) ?? (await settle(of, running));
  const lastFailure = await firstFailure(last, running);
  return { failure: failure ?? lastFailure, durationMs: performance.now() - startedAt, wire: scene.recorder.log };
}

/** What a run of a case works on. */
interface Running {
  readonly scene: Scene;
  readonly interruption: Interruption;
}

/** Never fulfilled, rejected when the run is to end: whatever is awaited, is awaited together with it. */
interface Interruption extends Disposable {
  readonly rejection: Promise<never>;
}

function interrupted(signal: AbortSignal | undefined): Interruption {
  let abort = () => {};
  const rejection = new Promise<never>((_, reject) => {
    abort = () => reject(new StepFailure('the run was interrupted'));
  });
  rejection.catch(() => {}); // nobody may be waiting when it comes
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort);
  return { rejection, [Symbol.dispose]: () => signal?.removeEventListener('abort', abort) };
}

/** Twelve characters that no other run of any case has: the package of its topics. */
function uniquePackage(): string {
  return `wt-${randomBytes(8).toString('hex').slice(0, 9)}`;
}

async function firstFailure(steps: readonly Step[], { scene, interruption }: Running): Promise<Failure | undefined> {
  for (const step of steps) {
    try {
      await Promise.race([step.run(scene), interruption.rejection]);
    } catch (error) {
      return failureOf(error, (pointer) => step.placeOf(pointer));
    }
  }
  return undefined;
}

/** Clients of the steps stay connected, and are looked at when the load is over. */
async function failureOfLoad(
  { load }: Case,
  { scene, interruption }: Running,
  signal: AbortSignal | undefined,
): Promise<Failure | undefined> {
  if (load === undefined) return undefined;
  try {
    const sentences = await Promise.race([load.run(siteOf(scene.endpoint, signal)), interruption.rejection]);
    if (sentences.length === 0) return undefined;
    return failureOf(new StepFailure(`the load: ${sentences.join('; ')}`), () => load.place);
  } catch (error) {
    return failureOf(error, () => load.place);
  }
}

function siteOf(endpoint: Endpoint, signal: AbortSignal | undefined): LoadSite {
  return { url: urlOf(endpoint), headers: endpoint.headers, tls: endpoint.tls, signal };
}

/** Nothing may be left over: no message that nobody expects, no connection that has ended unexpectedly. */
async function settle(of: Case, { scene, interruption }: Running): Promise<Failure | undefined> {
  const place = of.steps.at(-1)?.place ?? of.place;
  for (const line of scene.lines) {
    try {
      await Promise.race([settleLine(scene, line), interruption.rejection]);
    } catch (error) {
      return failureOf(error, () => place);
    }
  }
  return undefined;
}

async function settleLine(scene: Scene, line: LineClient): Promise<void> {
  line.inbox.assertUnviolated();
  if (line.kind === 'idle') return;
  // Of a line that broke it is open how much had come by then.
  const isOver = line.end?.how === 'close-frame' && line.isEndClaimed;
  if (!line.isRaw && (isOver || (line.kind === 'open' && !line.closeFrame))) await judge(scene, line);
  if (line.isEndClaimed) return;
  const close = line.end ?? line.closeFrame;
  if (!close || line.hasEnded) return;
  throw new StepFailure(
    `${line.name} was closed with ${close.code}${close.reason === '' ? '' : ` "${close.reason}"`}, which no step expects`,
  );
}

/** @throws what is no failure of the server: a bug of ours. */
function failureOf(error: unknown, placeOf: (pointer: string) => Place): Failure {
  if (!(error instanceof StepFailure)) throw error;
  const { message, expected, actual, pointer, rule } = error;
  return { message, expected, actual, place: placeOf(pointer), ...(rule === undefined ? {} : { rule }) };
}
