import type { Json } from '../../protocol/index.js';

/** How a value is written on a command line, in the environment and in a file, and what is made of it. */
export interface Kind<T = unknown> {
  /** Stands for the value in the help: `size`. A switch has none. */
  readonly placeholder: string | undefined;
  /** What is expected, for messages: `a size, such as 65536, 64KiB or 1MiB`. */
  readonly expected: string;
  /** What it may be in a file; what a list holds, where it is one. */
  readonly written: readonly ('string' | 'number' | 'boolean')[];
  readonly isList: boolean;
  /** Words of which the value is one. */
  readonly choices?: readonly string[];
  /** Whether a relative path is meant from the folder of the file that it stands in. */
  readonly isPath: boolean;
  /**
   * Reads one text, of a list a part that may hold several with commas between them.
   * @throws InvalidArgumentError saying what is expected.
   */
  parse(text: string): T;
  /** As it is written in a file, and read back as the same. */
  format(value: T): Json;
}
