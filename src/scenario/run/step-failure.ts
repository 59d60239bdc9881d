/** What a step found is not what it wanted; the run adds the place in the file and what went over the wire. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
  /** What was wanted, in lines; empty where the message says it all. */
  readonly expected: string;
  /** What is there instead, in lines. */
  readonly actual: string;
  /** JSON pointer of the argument of the step that did not come true; empty for the step. */
  readonly pointer: string;
  /** The rule that is broken, where it is not the scenario's. */
  readonly rule: string | undefined;

  constructor(message: string, detail: { expected?: string; actual?: string; pointer?: string; rule?: string } = {}) {
    super(message);
    this.expected = detail.expected ?? '';
    this.actual = detail.actual ?? '';
    this.pointer = detail.pointer ?? '';
    this.rule = detail.rule;
  }
}
