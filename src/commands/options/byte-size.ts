import { InvalidArgumentError } from 'commander';

const UNITS = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

const EXAMPLES = 'such as 65536, 64KiB or 1MiB';

/**
 * Reads a size such as `65536`, `64KiB`, `1MiB`, where somebody else knows the bounds; `k`, `kb` and `K` mean 1024 too.
 * @returns bytes.
 * @throws InvalidArgumentError for what is no size.
 */
export function parseByteSize(value: string): number {
  const bytes = read(value);
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new InvalidArgumentError(`Expected a size, ${EXAMPLES}.`);
}

/**
 * Makes a parser of sizes for a commander option.
 * @param min the smallest that is accepted, in bytes.
 * @returns a function that returns bytes and throws InvalidArgumentError with the bounds.
 */
export function byteSizeFrom(min: number): (value: string) => number {
  return (value) => {
    const bytes = read(value);
    if (bytes >= min && Number.isSafeInteger(bytes)) return bytes;
    throw new InvalidArgumentError(`Expected a size from ${formatBytes(min)}, ${EXAMPLES}.`);
  };
}

/** The shortest exact way to write a size that is read back as the same: 1048576 is `1MiB`. */
export function formatBytes(bytes: number): string {
  for (const unit of ['GiB', 'MiB', 'KiB'] as const) {
    if (bytes !== 0 && bytes % UNITS[unit] === 0) return `${bytes / UNITS[unit]}${unit}`;
  }
  return `${bytes}B`;
}

/** Bytes, or `NaN`. */
function read(value: string): number {
  const found = /^(\d+(?:\.\d+)?)\s*(?:([kmg])i?b?|b)?$/i.exec(value.trim());
  const unit = { k: UNITS.KiB, m: UNITS.MiB, g: UNITS.GiB }[found?.[2]?.toLowerCase() ?? ''] ?? UNITS.B;
  return found ? Math.round(Number(found[1]) * unit) : Number.NaN;
}
