import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CannotStart } from './cannot-start.mjs';
import { say } from './say.mjs';

const API = fileURLToPath(new URL('../api', import.meta.url));
/** Warnings go to the log, never into an answer. */
const SETTINGS = ['-d', 'error_reporting=-1', '-d', 'display_errors=0', '-d', 'log_errors=1', '-d', 'html_errors=0', '-d', 'error_log='];
const EXTENSIONS = { pdo_sqlite: 'php-sqlite3', curl: 'php-curl' };

/** @throws CannotStart when there is no PHP, it is too old or does not run, or one of its extensions is missing: how to install it. */
export function requirePhp() {
  const tell = 'echo PHP_VERSION_ID, " ", implode(" ", get_loaded_extensions());';
  // What it warns of at its start would stand before what it tells.
  const quiet = ['-d', 'display_errors=0', '-d', 'display_startup_errors=0'];
  const { error, status, signal, stdout, stderr } = spawnSync('php', [...quiet, '-r', tell], { encoding: 'utf8' });
  if (error?.code === 'ENOENT') {
    throw new CannotStart(
      'there is no php on the PATH: install it (Debian: apt-get install php-cli php-sqlite3 php-curl; macOS: brew install php)',
    );
  }
  if (error || status !== 0) {
    const because = error?.message ?? (stderr.trim().split('\n')[0] || `it ended with ${status ?? signal}`);
    throw new CannotStart(`the php on the PATH does not run: ${because}`);
  }
  const [version, ...loaded] = stdout.trim().split(' ');
  if (!(Number(version) >= 70_400)) throw new CannotStart('the php on the PATH is not PHP 7.4 or newer: install that');
  const missing = Object.keys(EXTENSIONS).filter((name) => !loaded.includes(name));
  if (missing.length === 0) return;
  const packages = missing.map((name) => EXTENSIONS[name]).join(' ');
  throw new CannotStart(`php has no extension ${missing.join(' and ')}: install it (Debian: apt-get install ${packages})`);
}

/**
 * Serves the page and its API. The URL is where.
 * @throws CannotStart when the port is taken.
 */
export async function serveApi(processes, { port, env }) {
  const args = [...SETTINGS, '-S', `127.0.0.1:${port}`, `${API}/index.php`];
  const { ready } = await processes.start({ name: 'API', file: 'php', args, env }, (line) => {
    if (/\(reason: Address already in use\)/.test(line)) {
      throw new CannotStart(`something listens on port ${port} already: choose another with --port, or 0 for any free one`);
    }
    const [, url] = /Development Server \((http:\/\/127\.0\.0\.1:\d+)\) started/.exec(line) ?? [];
    // PHP's server writes a line for each connection, too.
    if (url === undefined && !/^\[[^\]]*\] 127\.0\.0\.1:\d+ /.test(line)) say(`API: ${line.replace(/^\[[^\]]*\] /, '')}`);
    return url;
  });
  return ready;
}

/** Starts what publishes later what could not be published at once. */
export async function startWorker(processes, env) {
  const command = { name: 'worker', file: 'php', args: [...SETTINGS, `${API}/worker.php`], env };
  await processes.start(command, (line) => {
    if (line === 'ready') return true;
    say(`worker: ${line}`);
    return undefined;
  });
}
