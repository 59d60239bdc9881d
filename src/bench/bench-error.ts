/** Why a run could not be made at all. */
export class BenchError extends Error {
  override readonly name = 'BenchError';
  /** `machine`: this machine cannot make such a run, and the message has the remedy; `usage`: what was given cannot be used. */
  readonly kind: 'unreachable' | 'refused' | 'machine' | 'usage';

  constructor(kind: BenchError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}
