import { describe, expect, it } from 'vitest';
import { htmlDocument } from '../../../src/scenario/report/index.js';
import type { CaseResult } from '../../../src/scenario/result.js';
import { EACH, FAILURE, failed, resultOf, SUMMARY, WIRE } from './results.js';

const document = htmlDocument(EACH, SUMMARY);

describe('htmlDocument', () => {
  it('is one file that loads nothing and runs nothing', () => {
    expect(document).toMatch(/^<!doctype html>/);
    expect(document).not.toMatch(/<script|<link|<img|@import|url\(|https?:\/\/| on[a-z]+=/i);
  });

  it('follows the system to dark or light', () => {
    expect(document).toContain('<meta name="color-scheme" content="light dark">');
    expect(document).toContain('@media (prefers-color-scheme: dark)');
  });

  it('has every case as details below its chapter, with its wire log inside', () => {
    expect(document.match(/<details class="case (\w+)">/g)).toHaveLength(EACH.length);
    expect(document).toContain('<h2>match <span class="quiet">1 of 3 failed</span></h2>');
    expect(document).toContain('<summary><span class="mark" title="passed">✓</span><span class="name"><b>match/passes</b>');
    const passed = document.slice(document.indexOf('match/passes'), document.indexOf('match/fails#2'));
    expect(passed).toContain('<tr class=s><td>1.3<td>→<td>text<td><code>{&quot;sender&quot;:&quot;client&quot;}</code>');
    expect(passed).toContain('<tr class=n><td>0.4<td>·<td>connected\n');
  });

  it('has the last 20 events of a case that passed, and all that were kept of another', () => {
    const wire = {
      alice: Array.from({ length: 50 }, () => ({ atMs: 1, direction: 'sent', what: 'ping', payload: '', bytes: 0 }) as const),
    };
    const rows = (result: CaseResult) => htmlDocument([result], SUMMARY).match(/<tr class=s>/g)?.length;
    expect(rows(resultOf('match/a', { kind: 'passed' }, { wire }))).toBe(20);
    expect(rows(failed('match/a', { wire }))).toBe(50);
  });

  it('can show one outcome alone, and shows the failures first where there are any', () => {
    const buttons = [...document.matchAll(/id="show-(\w+)"( checked)?><span>([^<]*) <b>(\d+)/g)].map(([, ...found]) => found);
    expect(buttons).toEqual([
      ['all', undefined, 'all', '6'],
      ['failed', ' checked', 'failed', '1'],
      ['noted', undefined, 'failed, info', '1'],
      ['unexpected', undefined, 'unexpected passes', '1'],
      ['expected', undefined, 'expected failures', '1'],
      ['skipped', undefined, 'skipped', '1'],
      ['passed', undefined, 'passed', '1'],
    ]);
    for (const [word] of buttons.slice(1)) expect(document).toContain(`body:has(#show-${word}:checked) .case:not(.${word})`);
    expect(htmlDocument([resultOf('match/a')], SUMMARY)).toContain('id="show-all" checked>');
  });

  it('escapes what comes from files and servers', () => {
    const evil = '<script>alert(1)</script>\u0007\u202e';
    const failure = { ...FAILURE, message: evil, expected: evil, actual: evil };
    const event = { ...WIRE.alice?.[1], atMs: 1, direction: 'sent', what: evil, payload: evil, bytes: 30 } as const;
    const all = htmlDocument([failed(evil, { outcome: { kind: 'failed', failure }, wire: { [evil]: [event] } })], {
      ...SUMMARY,
      server: evil,
    });
    expect(all).not.toContain('<script');
    for (const character of ['\u0007', '\u202e']) expect(all).not.toContain(character);
    expect(all.split('&lt;script&gt;alert(1)&lt;/script&gt;\\u0007\\u202e').length).toBeGreaterThan(7);
  });
});
