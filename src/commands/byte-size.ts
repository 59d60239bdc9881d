import { InvalidArgumentError } from 'commander';

const UNITS = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

/**
 * Makes a parser of sizes such as `65536`, `64KiB`, `1MiB` for a commander option; `k`, `kb` and `K` mean 1024 too.
 * @param min the smallest that is accepted, in bytes.
 * @returns a function that returns bytes and throws InvalidArgumentError with the bounds.
 */
export function byteSizeFrom(min: number): (value: string) => number {
  return (value) => {
    const found = /^(\d+(?:\.\d+)?)\s*(?:([kmg])i?b?|b)?$/i.exec(value.trim());
    const unit = { k: UNITS.KiB, m: UNITS.MiB, g: UNITS.GiB }[found?.[2]?.toLowerCase() ?? ''] ?? UNITS.B;
    const bytes = found ? Math.round(Number(found[1]) * unit) : Number.NaN;
    if (bytes >= min && Number.isSafeInteger(bytes)) return bytes;
    throw new InvalidArgumentError(`Expected a size from ${formatBytes(min)}, such as 65536, 64KiB or 1MiB.`);
  };
}

/** The shortest exact way to write a size that `byteSizeFrom` reads: 1048576 is `1MiB`. */
export function formatBytes(bytes: number): string {
  for (const unit of ['GiB', 'MiB', 'KiB'] as const) {
    if (bytes !== 0 && bytes % UNITS[unit] === 0) return `${bytes / UNITS[unit]}${unit}`;
  }
  return `${bytes}B`;
}
