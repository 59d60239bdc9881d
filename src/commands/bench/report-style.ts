import type { ReportStyle } from '../../bench/report/style.js';
import { coloursFor } from '../terminal/colours.js';
import { escapeText } from '../terminal/escape-text.js';

/** Width where stdout is no terminal. */
const COLUMNS = 100;

/** How a report on stdout is written. */
export async function reportStyle(color: boolean): Promise<ReportStyle> {
  const pen = await coloursFor(process.stdout, color);
  return { pen, safe: escapeText, columns: process.stdout.columns || COLUMNS };
}
