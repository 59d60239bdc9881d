import type { JsonObject } from '../protocol/index.js';
import type { Scene } from './run/scene.js';

/** How much a rule binds: `must` everybody, `should` everybody who is careful; `info` is shown and never a failure. */
export const LEVELS = ['must', 'should', 'info'] as const;
export type Level = (typeof LEVELS)[number];

/** A place in a scenario file; line and column count from 1, `length` in characters. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** A scenario file as it was read: for messages that show a line of it. */
export interface ScenarioSource {
  /** As the user gave it, or below the folder that the user gave. */
  readonly path: string;
  readonly text: string;
}

/** What the file says of a client. */
export interface ClientSpec {
  readonly kind: 'normal' | 'raw' | 'http';
  readonly subprotocols: readonly string[];
  /** `/` by default. */
  readonly path: string;
  /** `null` leaves a header out. */
  readonly headers: Readonly<Record<string, string | null>>;
}

/** A step, its arguments checked and bound. */
export interface Step {
  /** One of the words of the table in `steps/`. */
  readonly word: string;
  readonly place: Place;
  /** The place of an argument by its JSON pointer in the step (`/count`), or that of the step. */
  placeOf(pointer: string): Place;
  /** Clients that the step names. */
  readonly clients: readonly string[];
  /** @throws StepFailure when the server does not do what the step says. */
  run(scene: Scene): Promise<void>;
}

/** A scenario with the variables of one row of its matrix: what is run. */
export interface Case {
  /** That of the scenario, with `#2` for the second row of a matrix. */
  readonly id: string;
  /** That of the scenario. */
  readonly scenario: string;
  readonly title: string;
  readonly rules: readonly string[];
  readonly level: Level;
  readonly source: ScenarioSource;
  /** Where its row stands, or its `id`. */
  readonly place: Place;
  readonly row: JsonObject | undefined;
  readonly clients: Readonly<Record<string, ClientSpec>>;
  /** Options of a server of its own, by their names in PROTOCOL.md section 8; empty for one with the defaults. */
  readonly server: Readonly<Record<string, number | boolean | string>> | undefined;
  readonly steps: readonly Step[];
  readonly finally: readonly Step[];
}
