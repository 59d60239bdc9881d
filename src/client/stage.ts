import type { Dialect } from '../protocol/index.js';
import type { ClientState, Trouble } from './client-state.js';
import type { LifeSign } from './life-sign.js';
import type { Line } from './line.js';

type Timer = ReturnType<typeof setTimeout>;

/** Why a fresh token is wanted: the broker has told so, or the platform does not say why an attempt failed. */
export type Refusal = 'told' | 'guessed';

/** An attempt to connect. */
export interface Connecting {
  readonly kind: 'connecting';
  readonly failures: number;
  readonly refusal: Refusal | undefined;
  readonly timer: Timer;
  /** There is none while the token is awaited. */
  line?: Line;
}

/** A state together with what it owns. `failures`: how many attempts in a row had failed before this one. */
export type Stage =
  | Connecting
  | {
      readonly kind: 'open';
      readonly failures: number;
      readonly line: Line;
      readonly dialect: Dialect;
      readonly since: number;
      readonly lifeSign: LifeSign;
      readonly jitterMs: number;
    }
  | {
      readonly kind: 'waiting';
      readonly failures: number;
      readonly refusal: Refusal | undefined;
      readonly retryAt: number;
      readonly trouble: Trouble;
      readonly timer: Timer;
    }
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string };

/** What others see of a stage. */
export function stateOf(stage: Stage): ClientState {
  const { kind } = stage;
  if (kind === 'connecting') return { kind, attempt: stage.failures + 1 };
  if (kind === 'open') return { kind, dialect: stage.dialect, since: stage.since };
  if (kind === 'waiting') return { kind, attempt: stage.failures + 1, retryAt: stage.retryAt, ...stage.trouble };
  return { kind, code: stage.code, reason: stage.reason };
}

/** Gives up what `stage` owned and `next` does not; resolves when a line of it is gone. */
export async function leave(stage: Stage, next: Stage): Promise<void> {
  if ('timer' in stage) clearTimeout(stage.timer);
  if ('lifeSign' in stage) stage.lifeSign.stop();
  if ('line' in stage && !('line' in next && next.line === stage.line)) await stage.line?.release();
}
