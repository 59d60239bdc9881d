import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const EXAMPLES = fileURLToPath(new URL('../../examples/php', import.meta.url));

/** PHP's own server. */
export interface PhpServer extends AsyncDisposable {
  readonly url: string;
  /** Warnings and errors that it has logged. */
  readonly complaints: readonly string[];
}

/** Serves the examples. */
export async function servePhp(): Promise<PhpServer> {
  const settings = ['-d', 'error_reporting=-1', '-d', 'display_errors=0', '-d', 'log_errors=1', '-d', 'html_errors=0'];
  const child = spawn('php', [...settings, '-S', '127.0.0.1:0', '-t', EXAMPLES], { stdio: ['ignore', 'ignore', 'pipe'] });
  const complaints: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`php ended with ${code}`)));
    createInterface({ input: child.stderr }).on('line', (line) => {
      const started = /Development Server \((http:\/\/127\.0\.0\.1:\d+)\) started/.exec(line);
      if (started?.[1] !== undefined) resolve(started[1]);
      else if (/PHP |Warning|Notice|Deprecated|Fatal/.test(line)) complaints.push(line);
    });
  });
  return { url, complaints, [Symbol.asyncDispose]: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  child.removeAllListeners('exit');
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
