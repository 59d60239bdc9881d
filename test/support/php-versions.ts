import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { RunPhp } from './php.js';

/** The oldest and the newest version of PHP that the examples are for, which are here compiled to WebAssembly. */
export const PHP_VERSIONS = ['7.4', '8.3'] as const;

const PROGRAM = fileURLToPath(new URL('./php-wasm.mjs', import.meta.url));

/** Runs `php` of a version. @param files that it finds where they are; it sees no others. */
export function runPhpOf(version: (typeof PHP_VERSIONS)[number], files: readonly string[]): RunPhp {
  return async (args, timeoutMs = 20_000) => {
    const run = promisify(execFile)(process.execPath, [PROGRAM, version, files.join(','), ...args], { timeout: timeoutMs });
    return { code: 0, ...(await run) };
  };
}
