import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { renderHtml } from '../../../../src/bench/report/html/html.js';
import type { BenchResult } from '../../../../src/bench/result/result.js';
import { describeWithBrowser } from '../../../support/browser.js';
import { ABORTED, FAILED, PASSED, REGRESSED } from '../fixture.js';

/** The plots, and a colour that only their figures have. */
const PLOTS = {
  percentiles: '--plot-blue',
  latency: '--plot-orange',
  rate: '--plot-blue',
  connections: '--plot-green',
  'loop-delay': '--plot-pink',
  'heat-map': '--heat-4',
  'fan-out': '--plot-pink',
} as const;

const GROUNDS = ['--paper', '--soft'];
const TEXTS = ['--ink', '--quiet', '--good', '--bad', '--warn'];
const LINES = ['--plot-blue', '--plot-orange', '--plot-pink', '--plot-green'];

/** Fewer pixels might be a letter. */
const DRAWN = 60;

interface Opened {
  readonly page: Page;
  /** What the browser complained of, and what it wanted to load beside the file. */
  readonly troubles: readonly string[];
}

describeWithBrowser('the HTML report in a browser', (start) => {
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    browser = await start();
    folder = await mkdtemp(join(tmpdir(), 'wsn-report-'));
  });

  afterAll(async () => {
    await browser?.close();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  async function open(result: BenchResult, look: { width?: number; scheme?: 'light' | 'dark' } = {}): Promise<Opened> {
    const file = join(folder, `${result.verdict}.html`);
    await writeFile(file, await renderHtml(result));
    const { href } = pathToFileURL(file);
    const page = await browser.newPage({ viewport: { width: look.width ?? 1100, height: 800 }, colorScheme: look.scheme ?? 'light' });
    const troubles: string[] = [];
    page.on('console', (message) => troubles.push(message.text()));
    page.on('pageerror', (error) => troubles.push(error.stack ?? error.message));
    page.on('request', (request) => {
      if (request.url() !== href && !request.url().startsWith('data:')) troubles.push(`wants ${request.url()}`);
    });
    await page.addInitScript({ path: fileURLToPath(new URL('page-probe.mjs', import.meta.url)) });
    await page.goto(href);
    return { page, troubles };
  }

  it.each([
    { result: PASSED, drawn: PLOTS },
    { result: REGRESSED, drawn: { ...PLOTS, percentiles: '--plot-orange' } },
    { result: ABORTED, drawn: {} },
  ])('draws the plots of a run that is $result.verdict, without a complaint or a request', async ({ result, drawn }) => {
    const { page, troubles } = await open(result);
    expect(await page.locator('.plot canvas').count()).toBe(Object.keys(drawn).length);
    for (const [id, colour] of Object.entries(drawn)) expect(await pixels(page, id, colour), id).toBeGreaterThan(DRAWN);
    expect(troubles).toEqual([]);
    await page.close();
  });

  it.each([1000, 1023, 40_000])('draws a line also where all latencies are %i µs', async (us) => {
    const { page, troubles } = await open({ ...PASSED, latencyMs: { ...PASSED.latencyMs, buckets: [[us, 190_000]] } });
    expect(await pixels(page, 'percentiles', '--plot-blue')).toBeGreaterThan(DRAWN);
    expect(troubles).toEqual([]);
    await page.close();
  });

  it('draws anew in other colours when the system turns dark, and in those of paper to be printed', async () => {
    const { page, troubles } = await open(PASSED);
    const light = await colours(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(() => colours(page)).not.toEqual(light);
    const dark = await colours(page);
    for (const [id, name] of Object.entries(PLOTS)) {
      await expect.poll(() => pixels(page, id, dark[name]), { message: `${id} in the dark` }).toBeGreaterThan(DRAWN);
      expect(dark[name], name).not.toBe(light[name]);
    }
    await page.evaluate('dispatchEvent(new Event("beforeprint"))');
    for (const [id, name] of Object.entries(PLOTS)) expect(await pixels(page, id, light[name]), `${id} on paper`).toBeGreaterThan(DRAWN);
    await page.evaluate('dispatchEvent(new Event("afterprint"))');
    expect(await pixels(page, 'rate', dark['--plot-blue'])).toBeGreaterThan(DRAWN);
    expect(troubles).toEqual([]);
    await page.close();
  });

  it.each(['light', 'dark'] as const)('has text that stands out from what is behind it when it is %s', async (scheme) => {
    const { page } = await open(FAILED, { scheme });
    const shown = await colours(page);
    for (const text of TEXTS) {
      for (const ground of GROUNDS) {
        expect(contrast(shown[text], shown[ground]), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
      }
    }
    for (const line of LINES) {
      expect(contrast(shown[line], shown['--paper']), line).toBeGreaterThanOrEqual(3);
    }
    await page.close();
  });

  it.each([FAILED, REGRESSED])('fits a screen of 360 px when it is $verdict, also one that was wider before', async (result) => {
    const { page } = await open(result, { width: 1100 });
    await page.setViewportSize({ width: 360, height: 700 });
    await expect.poll(() => page.evaluate('probe.overflow()')).toBe(0);
    for (const canvas of await page.locator('.plot canvas').all()) expect((await canvas.boundingBox())?.width).toBeLessThan(360);
    await page.close();
  });

  it('reads all plots over time at the moment at which one points', async () => {
    const { page } = await open(PASSED);
    await page.locator('#latency .u-over').hover({ position: { x: 300, y: 60 } });
    const read = (id: string) => page.locator(`#${id} .u-legend .u-value`).allTextContents();
    await expect
      .poll(() => read('latency'))
      .toEqual([expect.stringMatching(/^[\d.]+ s$/), ...Array(3).fill(expect.stringMatching(/ ms$/))]);
    const [moment] = await read('latency');
    await expect.poll(() => read('rate')).toEqual([moment, expect.stringMatching(/^1[89],\d{3}$/), '1,000']);
    await expect.poll(() => read('connections')).toEqual([moment, '2,000']);
    await expect.poll(() => read('loop-delay')).toEqual([moment, expect.stringMatching(/ ms$/)]);
    await page.close();
  });

  it('reads the cell of the heat map that one points at', async () => {
    const { page } = await open(PASSED);
    const readout = page.locator('#heat-readout');
    expect(await readout.textContent()).toBe('Point at a cell to read it.');
    const map = page.locator('#heat-map .u-over');
    const height = (await map.boundingBox())?.height ?? 0;
    await map.hover({ position: { x: 200, y: Math.round(height * 0.7) } });
    await expect.poll(() => readout.textContent()).toMatch(/^At [\d.]+ s, from [\d.]+ to [\d.]+ ms: [1-9]\d* deliver(y|ies)$/);
    await page.close();
  });

  it('names each plot and each table for those who do not see them', async () => {
    const { page } = await open(FAILED);
    for (const id of Object.keys(PLOTS)) {
      expect(await page.locator(`#${id} canvas[role="img"]`).getAttribute('aria-label'), id).toMatch(/\d/);
    }
    expect(await page.locator('table:not(.u-legend):not(:has(caption))').count()).toBe(0);
    expect(await page.locator('h1').count()).toBe(1);
    await page.close();
  });
});

/** How many pixels of a plot are about as its style's variable, or the colour itself, says. */
function pixels(page: Page, id: string, colour: string | undefined): Promise<number> {
  return page.evaluate(`probe.pixels('${id}', '${colour}')`);
}

/** The variables of the page's style that the tests look at, as `#rrggbb`, as they are now. */
function colours(page: Page): Promise<Record<string, string>> {
  return page.evaluate(`probe.colours(${JSON.stringify([...GROUNDS, ...TEXTS, ...LINES, '--heat-4'])})`);
}

/** The ratio of WCAG 2, 1 to 21, of two colours as `#rrggbb`. */
function contrast(one = '', other = ''): number {
  const luminance = (hex: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}
