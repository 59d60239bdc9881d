/** The log cannot be made, read or written: `message` is one line that says what to do. */
export class LogError extends Error {
  override readonly name: string = 'LogError';
}

/** Another broker has the folder. */
export class LogInUseError extends LogError {
  override readonly name = 'LogInUseError';
}
