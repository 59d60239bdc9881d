import { converted, type Located, type Shape } from '../../document/index.js';
import type { CaseLoad, LoadSite } from '../scenario.js';

/** What a `load` is and how it is run: told by those who know both scenarios and loads. */
export interface LoadDefinition<L> {
  readonly shape: Shape<L>;
  /** @returns why it is no success, in sentences; none when it is one. */
  readonly run: (load: L, site: LoadSite) => Promise<readonly string[]>;
}

/** A load of any kind: every `LoadDefinition` is one. */
export interface AnyLoadDefinition {
  readonly shape: Shape<unknown>;
  readonly run: (load: never, site: LoadSite) => Promise<readonly string[]>;
}

/** The member `load`: what the definition's own shape says, bound to its run. */
export function loadShape({ shape, run }: AnyLoadDefinition): Shape<CaseLoad> {
  // The load is what the definition's own shape has checked, which the type of any definition cannot say.
  const bound = (place: Located['place']) => converted(shape, (load): CaseLoad => ({ place, run: (site) => run(load as never, site) }));
  return { expected: shape.expected, check: (at, context) => bound(at.place).check(at, context), schema: () => shape.schema() };
}
