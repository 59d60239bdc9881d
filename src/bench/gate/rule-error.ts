/** A threshold or a rule for regressions that cannot be read; the message says what was found and what was expected. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
}

/**
 * Reads a part of a rule.
 * @throws RuleError that says in which rule it is that something is wrong.
 */
export function partOf<T>(rule: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RuleError) throw new RuleError(`"${rule}": ${error.message}`);
    throw error;
  }
}
