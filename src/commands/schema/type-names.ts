/** Names of the module's own. */
const TAKEN: readonly string[] = ['Data'];

/** Gives things names that are identifiers, different for different things and the same in every run. */
export class TypeNames {
  readonly #names = new Map<string, string>();
  readonly #taken = new Set(TAKEN);

  /**
   * The name of `key`; when it is asked for first, one is made of `words`.
   * @returns such as `AmaiiaMsgSrvMessages`, with a number behind it where that is taken.
   */
  nameOf(key: string, words: string): string {
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const wish = pascal(words);
    let name = wish;
    for (let count = 2; this.#taken.has(name); count++) name = `${wish}${count}`;
    this.#taken.add(name);
    this.#names.set(key, name);
    return name;
  }
}

function pascal(words: string): string {
  const parts = words.match(/[A-Za-z0-9]+/g) ?? [];
  const name = parts.map((part) => `${part[0]?.toUpperCase()}${part.slice(1)}`).join('');
  return /^[A-Z]/.test(name) ? name : `T${name}`;
}
