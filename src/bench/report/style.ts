import type { ChalkInstance } from 'chalk';

/** How a report for people is written. */
export interface ReportStyle {
  readonly pen: ChalkInstance;
  /** Makes what a broker or a file said safe for one line of a terminal. */
  readonly safe: (text: string) => string;
  /** Width of the terminal. */
  readonly columns: number;
}
