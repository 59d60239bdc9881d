import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithBrowser, type StartBrowser } from '../support/browser.js';
import { startCutLine } from '../support/cut-line.js';
import { EXTENSIONS, type Example, startExample } from '../support/example.js';
import { CONTRASTS } from '../support/example-contrast.js';
import { describeWithPhp } from '../support/php.js';

/** Longer than anything takes that is not stuck. */
const LATER = { timeout: 15_000 };

describeWithBrowser('the messaging example', (start) => describeWithPhp('with PHP', () => tests(start), EXTENSIONS));

function tests(start: StartBrowser): void {
  let example: Example;
  let browser: Browser;

  let data: string;

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'wsn-messaging-test-'));
    [example, browser] = await Promise.all([startExample(['--data', data]), start()]);
  });
  afterAll(async () => {
    await browser?.close();
    await example?.[Symbol.asyncDispose]();
    await rm(data, { recursive: true });
  });

  /** A browser window of its own, live, with what the page asks the API for and how many WebSockets it opens. */
  async function openPage(name: string, options: BrowserContextOptions & { readonly brokerUrl?: string } = {}) {
    const { brokerUrl, ...look } = options;
    const context = await browser.newContext({ bypassCSP: brokerUrl !== undefined, ...look });
    const page = await context.newPage();
    const asked: string[] = [];
    let sockets = 0;
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    page.on('websocket', () => {
      sockets += 1;
    });
    if (brokerUrl !== undefined) await page.route('**/api/settings', (route) => route.fulfill({ json: { brokerUrl } }));
    await page.goto(example.url);
    await page.getByLabel('Name').fill(name);
    await light(page, 'Live');
    return {
      page,
      context,
      /** How often messages were loaded from the API. */
      loads: () => asked.filter((path) => path.endsWith('/messages') && path !== '/api/messages').length,
      sockets: () => sockets,
      [Symbol.asyncDispose]: () => context.close(),
    };
  }

  const light = (page: Page, words: string) => page.locator('.light').getByText(words, { exact: true }).waitFor();
  const channel = (page: Page, name: string) => page.getByRole('checkbox', { name });
  const shown = (page: Page) => page.locator('.words').allTextContents();
  /** What of `texts` a page shows, in its order, as soon as the last of them is there. */
  async function shownOf(page: Page, texts: readonly string[]): Promise<string[]> {
    await page
      .locator('.words', { hasText: texts.at(-1) ?? '' })
      .first()
      .waitFor();
    return (await shown(page)).filter((text) => texts.includes(text));
  }
  /** Presses the button, unless the page is back already. */
  const tryNow = (page: Page) =>
    page
      .getByRole('button', { name: 'Try now' })
      .click({ timeout: 1_000 })
      .catch(() => {});
  async function say(page: Page, text: string): Promise<void> {
    await page.getByRole('textbox', { name: 'Message' }).fill(text);
    await page.keyboard.press('Enter');
    await page.locator('.words', { hasText: text }).waitFor();
  }

  it('shows what is sent in one window in the other one', async () => {
    await using anna = await openPage('Anna');
    await using bert = await openPage('Bert');
    await say(anna.page, 'Good morning');
    expect(await shownOf(bert.page, ['Good morning'])).toEqual(['Good morning']);
    await say(bert.page, 'Hello Anna');
    expect(await shownOf(anna.page, ['Good morning', 'Hello Anna'])).toEqual(['Good morning', 'Hello Anna']);
  });

  it('shows text of users as text', async () => {
    await using anna = await openPage('<i>Anna</i>');
    await using bert = await openPage('Bert');
    const text = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
    await say(anna.page, text);
    expect(await shownOf(bert.page, [text])).toEqual([text]);
    expect(await bert.page.locator('.by b').last().textContent()).toBe('<i>Anna</i>');
    expect(await bert.page.locator('#root :is(img, script, i)').count()).toBe(0);
    expect(await bert.page.title()).toBe('Messages');
  });

  it('follows the channels that are chosen, on the same connection', async () => {
    await using anna = await openPage('Anna');
    await channel(anna.page, 'Workshop').check();
    await example.post({ channelId: '3', author: 'Bert', text: 'to the workshop' });
    expect(await shownOf(anna.page, ['to the workshop'])).toHaveLength(1);
    await channel(anna.page, 'General').uncheck();
    await expect.poll(() => anna.page.getByLabel('To').locator('option').allTextContents(), LATER).toEqual(['Workshop']);
    await example.post({ channelId: '2', author: 'Bert', text: 'not for Anna' });
    await example.post({ channelId: '3', author: 'Bert', text: 'for Anna' });
    expect(await shownOf(anna.page, ['not for Anna', 'for Anna'])).toEqual(['for Anna']);
    await channel(anna.page, 'General').check();
    const both = ['not for Anna', 'for Anna'];
    await expect.poll(async () => (await shown(anna.page)).filter((text) => both.includes(text)), LATER).toEqual(both);
    expect(anna.sockets()).toBe(1);
  });

  it('says that a channel is empty when the API has said so', async () => {
    await using anna = await openPage('Anna');
    let answer = (): void => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await anna.page.route('**/api/channels/7/messages', (route) => held.then(() => route.continue()));
    await channel(anna.page, 'General').uncheck();
    const asked = anna.page.waitForRequest('**/api/channels/7/messages');
    await channel(anna.page, 'Night shift').check();
    await asked;
    const words = anna.page.getByText('Nothing here yet.');
    expect(await words.count()).toBe(0);
    answer();
    await words.waitFor();
  });

  it('misses nothing while the broker is dead, and hears it from the broker when that is back', async () => {
    await using anna = await openPage('Anna');
    await using bert = await openPage('Bert');
    await say(anna.page, 'before');
    await shownOf(bert.page, ['before']);
    const loads = bert.loads();
    await example.killBroker();
    await light(bert.page, 'Offline');
    await say(anna.page, 'meanwhile 1');
    expect(await example.post({ channelId: '2', author: 'Carl', text: 'meanwhile 2' })).toMatchObject({
      status: 201,
      body: { isPublished: false },
    });
    await example.startBroker();
    await tryNow(anna.page);
    const all = ['before', 'meanwhile 1', 'meanwhile 2'];
    for (const { page } of [anna, bert]) {
      await light(page, 'Live');
      await expect.poll(async () => (await shown(page)).filter((text) => all.includes(text)), LATER).toEqual(all);
    }
    await say(anna.page, 'after');
    expect(await shownOf(bert.page, [...all, 'after'])).toEqual([...all, 'after']);
    expect(bert.loads()).toBe(loads);
  });

  it('misses nothing on a line that breaks, and asks the broker alone', async () => {
    await using line = await startCutLine(example.brokerPort);
    await using anna = await openPage('Anna', { brokerUrl: line.url });
    await example.post({ channelId: '2', author: 'Bert', text: 'whole line' });
    await shownOf(anna.page, ['whole line']);
    const loads = anna.loads();
    line.cut();
    await light(anna.page, 'Offline');
    const texts = ['broken 1', 'broken 2', 'broken 3'];
    for (const text of texts) await example.post({ channelId: '2', author: 'Bert', text });
    line.mend();
    await tryNow(anna.page);
    expect(await shownOf(anna.page, texts)).toEqual(texts);
    await anna.page.getByText('3 messages came while you were away').waitFor();
    expect(anna.loads()).toBe(loads);
  });

  it('loads what it has missed from the API when the broker has lost its log, also where that fails at first', async () => {
    await using line = await startCutLine(example.brokerPort);
    await using anna = await openPage('Anna', { brokerUrl: line.url });
    await example.post({ channelId: '2', author: 'Bert', text: 'in the first log' });
    await shownOf(anna.page, ['in the first log']);
    const loads = anna.loads();
    line.cut();
    expect(await example.post({ channelId: '2', author: 'Bert', text: 'lost with it' })).toMatchObject({ body: { isPublished: true } });
    await example.killBroker();
    await rm(join(data, 'broker'), { recursive: true });
    await example.startBroker();
    const failed = anna.page.waitForEvent('requestfailed');
    await anna.page.route('**/api/channels/*/messages*', (route) => route.abort(), { times: 1 });
    line.mend();
    expect((await failed).url()).toContain('/messages');
    expect(await shownOf(anna.page, ['lost with it'])).toHaveLength(1);
    expect(anna.loads()).toBeGreaterThan(loads);
  });

  it('notices that the browser is offline, and misses nothing', async () => {
    await using anna = await openPage('Anna');
    await anna.context.setOffline(true);
    await anna.page.getByRole('textbox', { name: 'Message' }).fill('kept until I am back');
    await anna.page.keyboard.press('Enter');
    await anna.page.getByText('Not sent.').waitFor();
    await example.post({ channelId: '2', author: 'Bert', text: 'are you there?' });
    // The line is silent, not closed: the client gives it up when the sign of life that it asks for does not come.
    await light(anna.page, 'Offline');
    await anna.context.setOffline(false);
    await anna.page.getByRole('button', { name: 'Send' }).click();
    const texts = ['are you there?', 'kept until I am back'];
    await expect.poll(async () => (await shown(anna.page)).filter((text) => texts.includes(text)), LATER).toEqual(texts);
    await light(anna.page, 'Live');
  });

  it('can be read on a phone and on a desktop, by day and by night', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wsn-shots-'));
    await example.post({ channelId: '3', author: 'Bert', text: `A long word: ${'abc'.repeat(100)}` });
    try {
      for (const [device, width, height] of [
        ['phone', 360, 740],
        ['desktop', 1280, 800],
      ] as const) {
        for (const colorScheme of ['light', 'dark'] as const) {
          await using anna = await openPage('Bert', { viewport: { width, height }, colorScheme });
          await channel(anna.page, 'Workshop').check();
          await anna.page.locator('.words', { hasText: 'A long word' }).waitFor();
          const shot = await anna.page.screenshot({ path: join(folder, `${device}-${colorScheme}.png`) });
          expect(shot.readUInt32BE(16)).toBe(width); // of the PNG's head
          expect(await anna.page.evaluate('document.documentElement.scrollWidth')).toBe(width);
          const [worst] = (await anna.page.evaluate(CONTRASTS)) as [number, string][];
          expect(worst?.[0], `contrast of "${worst?.[1]}", ${device}, ${colorScheme}`).toBeGreaterThanOrEqual(4.5);
        }
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}
