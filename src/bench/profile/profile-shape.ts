import type { Shape } from '../../document/index.js';
import type { Profile } from '../load/load.js';
import { checkLoad } from './check-load.js';
import { completeProfile } from './complete-profile.js';
import { LOAD_SHAPE } from './load-shape.js';

/**
 * A load in a file that has nothing beside it: what is left out has its default, and the members fit together.
 * @param cores of this machine.
 */
export function profileShape(cores: number): Shape<Profile> {
  return {
    expected: LOAD_SHAPE.expected,
    check(at, context) {
      const part = LOAD_SHAPE.check(at, context);
      if (part === undefined) return undefined;
      const profile = completeProfile([part], cores);
      const wrong = checkLoad(profile.load);
      for (const message of wrong) context.complain({ message, place: at.place });
      return wrong.length === 0 ? profile : undefined;
    },
    schema: () => LOAD_SHAPE.schema(),
  };
}
