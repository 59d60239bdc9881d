import type { LoadPart } from '../../../src/bench/profile/load-shape.js';
import { readProfile } from '../../../src/bench/profile/read-profile.js';
import { formatFileError } from '../../../src/document/index.js';

/** What a profile of this text gives; throws with all that is wrong with it. */
export function read(text: string): LoadPart {
  const { part, errors } = readProfile({ path: 'load.yaml', text });
  if (part === undefined || errors.length > 0) throw new Error(errorsOf(text));
  return part;
}

/** Everything that is wrong with a profile of this text, as it is shown. */
export function errorsOf(text: string): string {
  return readProfile({ path: 'load.yaml', text })
    .errors.map((error) => formatFileError(error.source, error))
    .join('\n');
}
