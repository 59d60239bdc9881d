/** What is kept of what was wanted and found: a server may have sent any amount. */
const MOST_LINES = 20;
const MOST_CHARACTERS = 1000;

/** What a step found is not what it wanted; the run adds the place in the file and what went over the wire. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
  /** What was wanted, in at most 20 lines of 1000 characters; empty where the message says it all. */
  readonly expected: string;
  /** What is there instead, as long at most. */
  readonly actual: string;
  /** JSON pointer of the argument of the step that did not come true; empty for the step. */
  readonly pointer: string;
  /** The rule that is broken, where it is not the scenario's. */
  readonly rule: string | undefined;

  constructor(message: string, detail: { expected?: string; actual?: string; pointer?: string; rule?: string } = {}) {
    super(inOneLine(message));
    this.expected = shortened(detail.expected ?? '');
    this.actual = shortened(detail.actual ?? '');
    this.pointer = detail.pointer ?? '';
    this.rule = detail.rule;
  }
}

/** A reason of a server may have line breaks, which would be read as lines of the report. */
function inOneLine(message: string): string {
  return message.replaceAll('\r', '\\r').replaceAll('\n', '\\n');
}

function shortened(text: string): string {
  const lines = text.split('\n');
  const more = lines.length > MOST_LINES ? [`… and ${lines.length - MOST_LINES} more`] : [];
  return [...lines.slice(0, MOST_LINES).map(cut), ...more].join('\n');
}

function cut(line: string): string {
  return line.length <= MOST_CHARACTERS ? line : `${line.slice(0, MOST_CHARACTERS)}… (${line.length} characters)`;
}
