/** What stands for a figure that is not known. */
export const UNKNOWN = '–';

/** `1,234`, the same on every machine. */
export function integer(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** About three digits: `0.87`, `8.42`, `61.4`, `1,204`; never more than `places` behind the point. */
export function decimal(value: number, places = 2): string {
  const size = Math.abs(value);
  const digits = Math.min(places, size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Milliseconds without their unit, for tables: `0.87`, `61.4`, `1,204`. */
export function milliseconds(value: number | null): string {
  return value === null ? UNKNOWN : decimal(value);
}

/** `19,001/s`. */
export function rate(value: number | null): string {
  return value === null ? UNKNOWN : `${value < 10 ? shortest(value) : integer(value)}/s`;
}

/** A share (0 to 1) as `0.5 %`; one that is not 0 never reads as 0. */
export function percent(share: number): string {
  if (share > 0 && share < 0.0001) return '< 0.01 %';
  return `${shortest(share * 100)} %`;
}

/** A duration: `12 ms`, `6.2 s`, `1 min 40 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${integer(ms)} ms`;
  if (ms < 99_950) return `${(ms / 1000).toLocaleString('en-US', { maximumFractionDigits: 1 })} s`;
  const seconds = Math.round(ms / 1000);
  const rest = seconds % 60 === 0 ? '' : ` ${seconds % 60} s`;
  return `${integer(Math.floor(seconds / 60))} min${rest}`;
}

/** `200 B`, `9.4 KB`, `1.2 MB`, with powers of 1,000. */
export function bytes(value: number): string {
  if (value < 1000) return `${integer(value)} B`;
  const [unit, size] = value < 999_950 ? ['KB', 1e3] : value < 999_950_000 ? ['MB', 1e6] : ['GB', 1e9];
  return `${decimal(value / Number(size), 1)} ${unit}`;
}

/** A figure of a metric with the metric's unit; `no data` for `null`. */
export function quantity(value: number | null, unit: string): string {
  if (value === null) return 'no data';
  if (unit === 'B') return bytes(value);
  if (unit === '/s') return rate(value);
  if (unit === '') return shortest(value);
  return `${unit === '%' ? shortest(value) : decimal(value)} ${unit}`;
}

/** At most two digits behind the point, and no zeros there. */
function shortest(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}

/** `1 worker`, `2 workers`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${integer(count)} ${count === 1 ? noun : plural}`;
}
