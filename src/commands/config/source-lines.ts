import { type Configuration, originText } from '../settings/configuration.js';
import { scalarText } from './scalar-text.js';
import { shownValue } from './shown-value.js';

/** A line for each setting that somebody has set: its name, its value, where that comes from, and what it wins over. */
export function sourceLines({ settings }: Configuration): readonly string[] {
  const rows = settings
    .filter(({ origins }) => origins.length > 0)
    .map((effective) => {
      const [first, ...others] = effective.origins.map(originText);
      const over = others.length === 0 ? '' : ` (wins over ${others.join(' and ')})`;
      return [effective.setting.path, scalarText(shownValue(effective) ?? null), `${first}${over}`] as const;
    });
  if (rows.length === 0) return ['every setting has its default'];
  const width = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length));
  const [names, values] = [width(0), Math.min(width(1), 40)];
  return rows.map(([name, value, from]) => `${name.padEnd(names)}  ${value.padEnd(values)}  ${from}`);
}
