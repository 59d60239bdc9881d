import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrokerOptions } from './options.js';

/** The options that name a file or a folder which decides something; certificates are watched by themselves. */
const NAMING = ['authSecretFile', 'authPublicKey', 'authJwks', 'schemas'] as const satisfies readonly (keyof BrokerOptions)[];

/** Digests of what the options name, by option; what cannot be read has none, and a URL has none. */
export async function contentDigests(options: BrokerOptions): Promise<ReadonlyMap<keyof BrokerOptions, string>> {
  const digests = new Map<keyof BrokerOptions, string>();
  for (const name of NAMING) {
    const path = options[name];
    if (path === undefined || /^https?:/i.test(path)) continue;
    const hash = createHash('sha256');
    for (const file of await filesOf(path)) hash.update(`${file}\n`).update(await readFile(file).catch(() => ''));
    digests.set(name, hash.digest('base64'));
  }
  return digests;
}

async function filesOf(path: string): Promise<readonly string[]> {
  try {
    const found = await readdir(path, { recursive: true });
    return found.sort().map((name) => join(path, name));
  } catch {
    return [path];
  }
}
