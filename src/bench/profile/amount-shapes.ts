import { orVariable, type Shape, scalar } from '../../document/index.js';

const SHARE = /^(\d+(?:\.\d+)?)\s*%$/;
const SIZE = /^(\d+(?:\.\d+)?)\s*(?:([KM])i?)?B$/;
const BYTES_IN = { K: 1024, M: 1024 ** 2 } as const;

const LARGEST_BYTES = 16 * BYTES_IN.M;

/** A part of something, as `5%` or 0.05; at most `most`, 1 for all of it. */
export function share(about: string, most = 1): Shape<number> {
  return scalar(`a share such as 5% or 0.05, at most ${most * 100}%`, {
    read: (value) => {
      const found = typeof value === 'string' ? Number(SHARE.exec(value)?.[1] ?? Number.NaN) / 100 : value;
      return typeof found === 'number' && found >= 0 && found <= most ? found : undefined;
    },
    schema: orVariable(about, {
      anyOf: [
        { type: 'number', minimum: 0, maximum: most },
        { type: 'string', pattern: SHARE.source },
      ],
    }),
  });
}

/** A size as `200` or `2 KB`, in bytes; a KB has 1024 of them. */
export function size(about: string): Shape<number> {
  return scalar('a size such as 200 or 2 KB, at most 16 MB', {
    read: (value) => {
      const bytes = typeof value === 'string' ? bytesOf(value) : value;
      return typeof bytes === 'number' && Number.isInteger(bytes) && bytes >= 1 && bytes <= LARGEST_BYTES ? bytes : undefined;
    },
    schema: orVariable(about, {
      anyOf: [
        { type: 'integer', minimum: 1, maximum: LARGEST_BYTES },
        { type: 'string', pattern: SIZE.source },
      ],
    }),
  });
}

function bytesOf(text: string): number {
  const found = SIZE.exec(text.trim());
  const unit = found?.[2] === undefined ? 1 : BYTES_IN[found[2] as keyof typeof BYTES_IN];
  return found ? Math.round(Number(found[1]) * unit) : Number.NaN;
}
