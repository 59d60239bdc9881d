import { padTo, visibleWidth } from './columns.js';

/** A column of a table, from top to bottom. */
export interface Column {
  readonly heading: string;
  /** One a row, coloured or not. */
  readonly cells: readonly string[];
  /** Left is for words, right for figures. */
  readonly align: 'left' | 'right';
  /** Where there is no room, the column with the highest number goes first; one without a number stays. */
  readonly dispensable?: number;
}

const GAP = '  ';

/** Aligned lines that begin with two spaces, the headings first unless all are empty. @param width what they should not exceed. */
export function table(columns: readonly Column[], width: number, dim: (text: string) => string): string[] {
  const shown = fitting(columns, width);
  const line = (cellOf: (column: Column) => string) => {
    const cells = shown.map((column) => {
      const cell = cellOf(column);
      const room = widthOf(column);
      return column.align === 'left' ? padTo(cell, room) : ' '.repeat(room - visibleWidth(cell)) + cell;
    });
    return (GAP + cells.join(GAP)).trimEnd();
  };
  const headings = shown.some(({ heading }) => heading !== '') ? [line(({ heading }) => (heading === '' ? '' : dim(heading)))] : [];
  const rows = Math.max(0, ...shown.map(({ cells }) => cells.length));
  return [...headings, ...Array.from({ length: rows }, (_, row) => line(({ cells }) => cells[row] ?? ''))];
}

function fitting(columns: readonly Column[], width: number): readonly Column[] {
  const needed = columns.reduce((sum, column) => sum + GAP.length + widthOf(column), 0);
  const least = Math.max(...columns.map(({ dispensable = 0 }) => dispensable));
  if (needed <= width || least <= 0) return columns;
  return fitting(
    columns.filter(({ dispensable }) => dispensable !== least),
    width,
  );
}

function widthOf({ heading, cells }: Column): number {
  return Math.max(...[heading, ...cells].map(visibleWidth));
}
