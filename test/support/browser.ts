import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { describe } from 'vitest';

/** Where Linux distributions put it; `CHROMIUM` names another place. */
const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A browser without a window; closes with the scope that it is in. */
export type StartBrowser = () => Promise<Browser>;

/**
 * Tests that look at a page in a real browser. Where there is none they are skipped, and the run says so; with `CI` set that is
 * an error, so that a CI job never passes because the browser was missing.
 */
export function describeWithBrowser(title: string, body: (start: StartBrowser) => void): void {
  const executablePath = PLACES.find((place) => place !== undefined && existsSync(place));
  if (executablePath !== undefined) {
    // As root, as containers are, Chromium starts only without its sandbox; pages of tests are our own.
    describe(title, () => body(() => chromium.launch({ executablePath, args: ['--no-sandbox'] })));
    return;
  }
  const missing = 'there is no Chromium in /usr/bin; install it (apt-get install chromium) or name its place in CHROMIUM';
  if (process.env.CI) throw new Error(`${title}: ${missing}`);
  process.stderr.write(`skipped "${title}": ${missing} to run these tests too\n`);
  describe.skip(title, () => body(() => Promise.reject(new Error(missing))));
}
