import type { Shape } from '../../document/index.js';
import type { Scene } from '../run/scene.js';

/** A step word: what its arguments look like, and what it does. One file a word in this folder. */
export interface StepDefinition<A> {
  readonly word: string;
  /** A line for the schema and the documentation. */
  readonly about: string;
  readonly shape: Shape<A>;
  /** Clients that these arguments name. */
  readonly clients: (args: A) => readonly string[];
  /**
   * Does it.
   * @throws StepFailure when the server does not do what the arguments say.
   */
  readonly run: (args: A, scene: Scene) => Promise<void>;
}
