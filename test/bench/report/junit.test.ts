import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { renderJunit } from '../../../src/bench/report/junit.js';
import type { BenchResult } from '../../../src/bench/result/result.js';
import { describeWithBrowser } from '../../support/browser.js';
import { ABORTED, FAILED, INVALID, NASTY, PASSED, REGRESSED } from './fixture.js';

interface Parsed {
  readonly errors: number;
  readonly totals: Readonly<Record<string, string>>;
  readonly cases: readonly { readonly name: string; readonly group: string; readonly inside: string; readonly text: string }[];
}

/** Runs in the page; its parser puts a `parsererror` in the document for what is no XML. */
const PARSE = `(xml) => {
  const document = new DOMParser().parseFromString(xml, 'application/xml');
  const named = (element) => Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value]));
  const cases = [...document.querySelectorAll('testsuites > testsuite > testcase')].map((element) => {
    const [inside] = element.children;
    const text = inside.getAttribute('message') ?? inside.textContent;
    return { name: element.getAttribute('name'), group: element.getAttribute('classname'), inside: inside.tagName, text };
  });
  return { errors: document.querySelectorAll('parsererror').length, totals: named(document.documentElement), cases };
}`;

describeWithBrowser('renderJunit, read by the XML parser of a browser', (start) => {
  let page: Page;
  beforeAll(async () => {
    page = await (await start()).newPage();
  });
  afterAll(() => page.context().browser()?.close());

  async function parsed(result: BenchResult): Promise<Parsed> {
    const document: Parsed = await page.evaluate(`(${PARSE})(${JSON.stringify(renderJunit(result))})`);
    expect(document.errors).toBe(0);
    return document;
  }

  const kinds = ({ cases }: Parsed, kind: string) => cases.filter(({ inside }) => inside === kind).map(({ name }) => name);

  it('has a case for the run, each threshold and each limit that is known, all passed', async () => {
    const document = await parsed(PASSED);
    expect(document.totals).toEqual({
      name: 'wsn bench ws://127.0.0.1:8000',
      ...{ tests: '19', failures: '0', errors: '0', skipped: '1', time: '11.852' },
    });
    expect(document.cases[1]).toEqual({
      name: 'latency.p99<50ms',
      group: 'wsn bench threshold',
      inside: 'system-out',
      text: 'measured: 2.36 ms',
    });
    expect(kinds(document, 'skipped')).toEqual(['unread in the kernel']);
  });

  it('has a failure for each threshold that was missed, and for the run', async () => {
    const document = await parsed(FAILED);
    const missed = ['latency.p99<2ms', 'lateness.p99.99<1ms', 'lost==0', 'duplicated==0', 'misdelivered==0', 'refused==0'];
    expect(kinds(document, 'failure')).toEqual(['verdict', ...missed, 'disconnected==0', 'failed==0']);
    expect(document.totals).toMatchObject({ failures: '9', errors: '0' });
  });

  it('has a failure for each rule that is a regression', async () => {
    const document = await parsed(REGRESSED);
    expect(kinds(document, 'failure')).toEqual(['verdict', 'latency.p99>+10%']);
    expect(document.cases.find(({ name }) => name === 'latency.p99>+10%')).toMatchObject({
      text: '2.36 ms before, 3.15 ms now: +33.1 %',
    });
  });

  it('has an invalid run as an error, and skips what it cannot judge', async () => {
    const document = await parsed(INVALID);
    expect(kinds(document, 'error')).toEqual(['verdict', 'event loop delay']);
    expect(kinds(document, 'failure')).toEqual([]);
    expect(kinds(document, 'skipped')).toContain('latency.p99<50ms');
    expect(document.totals).toMatchObject({ failures: '0', errors: '2' });
  });

  it('has an interrupted run as an error', async () => {
    expect(kinds(await parsed(ABORTED), 'error')).toEqual(['verdict']);
  });

  it('is valid XML whatever a broker or a threshold says', async () => {
    const [first] = PASSED.thresholds;
    const thresholds = first === undefined ? [] : [{ ...first, threshold: `${NASTY} \ud800 \uffff <a b='c'>` }];
    const document = await parsed({ ...FAILED, because: [NASTY], thresholds });
    expect(document.cases[0]?.text).toBe(`failed; ${NASTY.replace('\u001b', '\\u001b').replace('\u0000', '\\u0000')}`);
    expect(document.cases[1]?.name).toMatch(/ \\ud800 \\uffff <a b='c'>$/);
  });
});
