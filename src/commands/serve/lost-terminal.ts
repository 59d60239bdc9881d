import { isatty } from 'node:tty';

/**
 * Notes which of stdin, stdout and stderr are a terminal now.
 * @returns tells whether one of those is none any more. The system takes the terminal from its processes before it sends
 * them SIGHUP for that: so a SIGHUP that came by its end is told from one that somebody sent.
 */
export function watchTerminal(): () => boolean {
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  return () => terminals.some((descriptor) => !isatty(descriptor));
}
