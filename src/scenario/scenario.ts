import type { Place, Source } from '../document/index.js';
import type { Trust } from '../peer/index.js';
import type { JsonObject } from '../protocol/index.js';
import type { Scene } from './run/scene.js';

/** How much a rule binds: `must` everybody, `should` everybody who is careful; `info` is shown and never a failure. */
export const LEVELS = ['must', 'should', 'info'] as const;
export type Level = (typeof LEVELS)[number];

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

/** Where a load is put. */
export interface LoadSite {
  /** Of the server, `ws:` or `wss:`. */
  readonly url: string;
  /** Sent with every handshake and request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Set for `wss:`. */
  readonly tls: Trust | undefined;
  /** Ends the load. */
  readonly signal: AbortSignal | undefined;
}

/** The load of a scenario, checked and bound. */
export interface CaseLoad {
  readonly place: Place;
  /** @returns why it is no success, in sentences; none when it is one. */
  run(site: LoadSite): Promise<readonly string[]>;
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
  readonly source: Source;
  /** Where its row stands, or its `id`. */
  readonly place: Place;
  readonly row: JsonObject | undefined;
  readonly clients: Readonly<Record<string, ClientSpec>>;
  /** Options of a server of its own, by their names in PROTOCOL.md section 8; empty for one with the defaults. */
  readonly server: JsonObject | undefined;
  /** Of handshakes of publishers that are no clients. */
  readonly publisherHeaders: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  readonly finally: readonly Step[];
  /** Put on the server when the steps have been done; such a case runs alone. */
  readonly load: CaseLoad | undefined;
}
