import { availableParallelism, cpus, platform, release, totalmem } from 'node:os';

/**
 * Prints a result on the standard output: a title, the command, the machine, a Markdown table and notes below it.
 * @param {object} report
 * @param {string} report.title
 * @param {string} report.command that prints the same again
 * @param {readonly string[]} report.columns
 * @param {readonly (readonly (string | number)[])[]} report.rows numbers are rounded to three digits and set to the right
 * @param {readonly string[]} [report.notes]
 */
export function printReport({ title, command, columns, rows, notes = [] }) {
  const lines = [`## ${title}`, '', `\`${command}\``, machine(), '', ...table(columns, rows), ''];
  if (notes.length > 0) lines.push(...notes.map((note) => `- ${note}`), '');
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** The machine in one line: figures of two machines are not to be compared. */
function machine() {
  const model = cpus()[0]?.model.trim() || 'unknown CPU';
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const today = new Date().toISOString().slice(0, 10);
  return `${model}, ${availableParallelism()} cores, ${memory}, ${platform()} ${release()}, Node ${process.version}, ${today}`;
}

function table(columns, rows) {
  const cells = rows.map((row) => row.map(text));
  const widths = columns.map((column, at) => Math.max(column.length, 3, ...cells.map((row) => (row[at] ?? '').length)));
  const isNumber = columns.map((_, at) => rows.length > 0 && rows.every((row) => typeof row[at] === 'number'));
  const line = (row) =>
    `| ${widths.map((width, at) => (isNumber[at] ? (row[at] ?? '').padStart(width) : (row[at] ?? '').padEnd(width))).join(' | ')} |`;
  const rule = `|${widths.map((width, at) => (isNumber[at] ? `${'-'.repeat(width + 1)}:` : '-'.repeat(width + 2))).join('|')}|`;
  return [line(columns), rule, ...cells.map(line)];
}

function text(cell) {
  if (typeof cell === 'string') return cell;
  if (!Number.isFinite(cell)) return '–';
  return (Math.abs(cell) >= 1_000 ? Math.round(cell) : Number(cell.toPrecision(3))).toLocaleString('en-US', {
    maximumSignificantDigits: 15,
  });
}
