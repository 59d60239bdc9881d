const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** A character for each of the last `width` values, as high as its part of the largest of them; 0 is the lowest. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = width <= 0 ? [] : values.slice(-width);
  const highest = Math.max(...shown, 0);
  if (highest === 0) return LEVELS[0].repeat(shown.length);
  return shown.map((value) => LEVELS[Math.round((Math.max(0, value) / highest) * (LEVELS.length - 1))]).join('');
}
