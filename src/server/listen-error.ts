/** The option that names a port. */
export type ListeningOption = 'port' | 'publishPort' | 'adminPort';

/** A port that a broker cannot listen on. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly option: ListeningOption;
  readonly host: string;
  readonly port: number;
  /** Node's: `EADDRINUSE`, `EACCES`, `ENOTFOUND`, … */
  readonly code: string | undefined;

  constructor(option: ListeningOption, { host, port }: { readonly host: string; readonly port: number }, cause: NodeJS.ErrnoException) {
    super(cause.message, { cause });
    this.option = option;
    this.host = host;
    this.port = port;
    this.code = cause.code;
  }
}
