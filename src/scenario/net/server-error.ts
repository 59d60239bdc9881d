/** Why there is no server to test. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
  /** `usage`: the command or an option is wrong; `unreachable`: the server did not come to listen. */
  readonly kind: 'usage' | 'unreachable';

  constructor(kind: ServerError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}
