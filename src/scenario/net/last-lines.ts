const MAX_KEPT_CHARACTERS = 8 * 1024;
const MAX_LINES = 5;
const MAX_LINE_CHARACTERS = 200;

/** Where a runtime says why it ends, such as `Error: listen EACCES` or `PHP Fatal error:  Uncaught …`; more lines follow it. */
const CAUSE = /^(?:\w+ ){0,2}\w*(?:error|exception|panic)\b[^:]{0,40}:/i;

/** Control characters but tab and newline, and whole sequences for a terminal. */
const CONTROLS = /\p{Cc}\[[0-9;?]*[A-Za-z]|(?![\t\n])\p{Cc}/gu;

/** What a program has written last. */
export class LastLines {
  #text = '';

  add(text: string): void {
    this.#text = (this.#text + text).slice(-MAX_KEPT_CHARACTERS);
  }

  /**
   * At most five lines: from the last that names an error, else the last five. Without frames of a stack trace and
   * control characters, so that a terminal can be shown them; long lines are cut.
   */
  get lines(): readonly string[] {
    const lines = this.#text
      .replaceAll(CONTROLS, '')
      .split('\n')
      .map((line) => line.trimEnd())
      .filter((line) => line !== '' && !/^\s+at /.test(line));
    const cause = lines.findLastIndex((line) => CAUSE.test(line));
    const shown = cause === -1 ? lines.slice(-MAX_LINES) : lines.slice(cause, cause + MAX_LINES);
    return shown.map((line) => (line.length > MAX_LINE_CHARACTERS ? `${line.slice(0, MAX_LINE_CHARACTERS - 1)}…` : line));
  }
}
