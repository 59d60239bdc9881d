/** A place in a file; line and column count from 1, `length` in characters. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** A file as it was read: for messages that show a line of it. */
export interface Source {
  /** As the user gave it, or below the folder that the user gave. */
  readonly path: string;
  readonly text: string;
}
