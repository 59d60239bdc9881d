/** Why a run could not be made at all. */
export class BenchError extends Error {
  override readonly name = 'BenchError';
  readonly kind: 'unreachable' | 'refused' | 'too-small';

  constructor(kind: BenchError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}
