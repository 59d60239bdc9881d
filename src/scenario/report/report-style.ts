/** Colours for text; an instance of chalk is one. */
export interface Pen {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

/** How text for people is written. */
export interface ReportStyle {
  readonly pen: Pen;
  /** Makes a line that came from a peer or a file safe to print; must escape line breaks, too. */
  readonly safe: (text: string) => string;
  /** Where a line of the wire log is cut, in characters. */
  readonly columns: number;
}

const same = (text: string) => text;

/** For text that goes into a file. */
export const NO_COLOURS: Pen = { bold: same, dim: same, red: same, green: same, yellow: same, cyan: same };
