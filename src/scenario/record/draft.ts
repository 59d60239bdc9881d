import type { Json } from '../../protocol/index.js';
import type { Answer } from './answers.js';
import type { Delivery } from './deliveries.js';
import { escapeText, OWN_PACKAGE, type Packages } from './packages.js';
import type { Publication } from './publications.js';
import type { Resumes } from './resumes.js';
import type { Line } from './story.js';

/** Arguments of a step, as they stand in a file. */
export type Arguments = Json | { readonly [name: string]: Json | undefined };

/** A step that is to be written. */
export interface Draft {
  /** Among the events; drafts of one place keep their order. */
  readonly place: number;
  /** Since the start of the recording. */
  readonly atMs: number;
  readonly word: string;
  readonly args: Arguments;
  /** The rules of PROTOCOL.md that it shows. */
  readonly rules: readonly string[];
}

/** What the steps are made from. */
export interface Material {
  readonly names: ReadonlyMap<Line, string>;
  readonly publications: ReadonlyMap<Publication, string>;
  readonly deliveries: ReadonlyMap<number, Delivery>;
  readonly answers: ReadonlyMap<Line, ReadonlyMap<number, Answer>>;
  readonly resumes: Resumes;
  readonly packages: Packages;
  /** Where a message has to stand instead of where it was seen. */
  readonly places: ReadonlyMap<number, number>;
}

/** The only client for HTTP. */
export const HTTP_CLIENT = 'api';

/** The client that looks where topics stand. */
export const LOOKING_CLIENT = 'before';

/** A key that is used only once, also when the scenario is run again at once (R-5.8). */
export function ownKey(key: string): string {
  const isShort = Buffer.byteLength(key) <= 100;
  return `${isShort ? `${OWN_PACKAGE}-` : ''}${escapeText(key)}`;
}
