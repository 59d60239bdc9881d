import { devNull } from 'node:os';

/**
 * The command line on which this very program serves on loopback, for a command that starts a broker of its own: a
 * wsn.yaml of this folder is meant for another one.
 * @param port a number, or what stands for it.
 */
export function ownServe(port: string, logLevel: 'warn' | 'error', options: readonly string[]): string[] {
  const place = ['--config', devNull, '--host', '127.0.0.1', '--port', port];
  const log = ['--log-level', logLevel, '--log-format', 'json'];
  return [process.execPath, ...process.execArgv, process.argv[1] ?? '', 'serve', ...place, ...log, ...options];
}
