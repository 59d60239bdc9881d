import { markupText } from '../../../document/index.js';

/** How the reader should take a figure. */
type Tone = 'good' | 'bad' | 'quiet';

/** Plain text, with a tone or without; it is escaped when the table is written. */
export type Cell = string | { readonly text: string; readonly tone: Tone };

/** A table for people; the first cell of each row is its heading. */
export interface Table {
  readonly caption: string;
  /** Words stand left, figures right. */
  readonly columns: readonly { readonly title: string; readonly holds: 'words' | 'figures' }[];
  readonly rows: readonly (readonly Cell[])[];
}

/** A table that scrolls by itself where it is too wide. */
export function tableHtml({ caption, columns, rows }: Table): string {
  const classOf = (index: number, tone?: Tone) => {
    const classes = [columns[index]?.holds === 'figures' ? 'figure' : '', tone ?? ''].filter((name) => name !== '');
    return classes.length === 0 ? '' : ` class="${classes.join(' ')}"`;
  };
  const cell = (of: Cell, index: number) => {
    const { text, tone } = typeof of === 'string' ? { text: of, tone: undefined } : of;
    const [start, end] = index === 0 ? ['th scope="row"', 'th'] : ['td', 'td'];
    return `<${start}${classOf(index, tone)}>${markupText(text)}</${end}>`;
  };
  const head = columns.map(({ title }, index) => `<th scope="col"${classOf(index)}>${markupText(title)}</th>`).join('');
  return `<div class="table" tabindex="0" role="group" aria-label="${markupText(caption)}"><table>
<caption>${markupText(caption)}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('\n')}
</tbody>
</table></div>
`;
}

/** A plot's place, which the page's script fills; `label` says what it shows to those who cannot see it. */
export function plotHtml({ id, label, text, after = '' }: { id: string; label: string; text: string; after?: string }): string {
  return `<figure>
<figcaption>${markupText(text)}</figcaption>
<div class="plot" id="${id}" data-label="${markupText(label)}"></div>
${after}</figure>
`;
}
