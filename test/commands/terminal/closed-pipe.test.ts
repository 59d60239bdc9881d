import { afterEach, expect, it, vi } from 'vitest';

afterEach(() => {
  vi.restoreAllMocks();
  vi.resetModules();
  process.stdout.removeAllListeners('error');
  process.stderr.removeAllListeners('error');
});

/** As a write fails. */
function failStdout(code: string): void {
  process.stdout.emit('error', Object.assign(new Error(`${code}: a write failed`), { code }));
}

it('tells once that nobody reads stdout any more, however often a write fails, and ends nothing', async () => {
  const { onClosedStdout } = await import('../../../src/commands/terminal/closed-pipe.js');
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
  const [early, late] = [vi.fn(), vi.fn()];
  onClosedStdout(early);
  expect(early).not.toHaveBeenCalled();
  failStdout('EPIPE');
  failStdout('EPIPE');
  onClosedStdout(late);
  expect([early.mock.calls.length, late.mock.calls.length, exit.mock.calls.length]).toEqual([1, 1, 0]);
});

it('ends a command whose stdout cannot be written for another reason, in one line with exit 1', async () => {
  const { watchPipes } = await import('../../../src/commands/terminal/closed-pipe.js');
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  watchPipes();
  failStdout('ENOSPC');
  expect(write.mock.calls).toEqual([['wsn: cannot write to stdout: ENOSPC: a write failed\n']]);
  expect(exit.mock.calls[0]).toEqual([1]);
});
