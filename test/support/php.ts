import { spawn, spawnSync } from 'node:child_process';
import { describe } from 'vitest';

/** What a PHP process has ended with. */
export interface PhpEnded {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real `php` with `args`, and with `env` added to the environment; warnings and notices go to stderr. Rejects when it still runs after `timeoutMs`. */
export type RunPhp = (args: readonly string[], timeoutMs?: number, env?: Readonly<Record<string, string>>) => Promise<PhpEnded>;

/** Extensions of PHP that tests need, and the packages of Debian that have them. */
const DEBIAN_PACKAGES = { curl: 'php-curl', pdo_sqlite: 'php-sqlite3' } as const;

/**
 * Tests that speak to a real PHP. Where there is none they are skipped, and the run says so; with `CI` set that is an error,
 * so that a CI job never passes because a peer was missing. This is the only way in which a test may be skipped.
 * @param extensions that PHP needs for them; without one it is as without PHP
 */
export function describeWithPhp(
  title: string,
  body: (php: RunPhp) => void,
  extensions: readonly (keyof typeof DEBIAN_PACKAGES)[] = [],
): void {
  const { status, stdout } = spawnSync('php', ['-m'], { encoding: 'utf8' });
  const loaded = new Set(stdout?.split(/\r?\n/));
  const absent = extensions.filter((name) => !loaded.has(name));
  if (status === 0 && absent.length === 0) {
    describe(title, () => body(runPhp));
    return;
  }
  const missing =
    status === 0
      ? `php has no ${absent.join(' and no ')}; install it (apt-get install ${absent.map((name) => DEBIAN_PACKAGES[name]).join(' ')})`
      : 'there is no php on the PATH; install it (apt-get install php-cli, brew install php)';
  if (process.env.CI) throw new Error(`${title}: ${missing}`);
  process.stderr.write(`skipped "${title}": ${missing} to run these tests too\n`);
  describe.skip(title, () => body(runPhp));
}

const runPhp: RunPhp = (args, timeoutMs = 10_000, env = {}) =>
  new Promise((resolve, reject) => {
    const strict = ['-d', 'error_reporting=-1', '-d', 'display_errors=stderr', '-d', 'html_errors=0'];
    const child = spawn('php', [...strict, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal !== null) reject(new Error(`php ${args.join(' ')} ended by ${signal}\n${stdout}\n${stderr}`));
      else resolve({ code, stdout, stderr });
    });
  });
