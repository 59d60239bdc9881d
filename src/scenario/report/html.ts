import { markupText } from '../../document/index.js';
import type { CaseResult, Summary } from '../result.js';
import { htmlCase, outcomeWord } from './html-case.js';
import { HTML_STYLE } from './html-style.js';
import { chapterOf, countsOf, secondsText } from './wording.js';

/** The outcomes that can be chosen, in the order of their buttons. */
const WORDS = {
  failed: 'failed',
  noted: 'failed, info',
  unexpected: 'unexpected passes',
  expected: 'expected failures',
  skipped: 'skipped',
  passed: 'passed',
} as const;

/**
 * A run as one HTML file that needs nothing else: no script, no network. Radio buttons choose an outcome, a case opens at
 * a click and shows what went over the wire. Dark and light as the reader's system is.
 */
export function htmlDocument(results: readonly CaseResult[], summary: Summary): string {
  const chapters = new Map<string, CaseResult[]>();
  for (const result of results) {
    const chapter = chapterOf(result);
    chapters.set(chapter, [...(chapters.get(chapter) ?? []), result]);
  }
  const verdict = summary.failed > 0 ? 'bad' : 'good';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${summary.failed > 0 ? `✗ ${summary.failed} failed` : '✓ passed'} · wsn test</title>
<style>${HTML_STYLE}</style>
</head>
<body>
<header class="${verdict}">
<h1>wsn test</h1>
<p class="server">${markupText(summary.server)}</p>
<p>${countsText(summary)} <span class="quiet">in ${secondsText(summary.durationMs)}, seed ${summary.seed}</span></p>
${summary.isComplete ? '' : '<p class="early">The run was ended before all cases had been run.</p>\n'}</header>
${filterButtons(results)}
<main>
${[...chapters].map(([name, those]) => chapterSection(name, those)).join('\n')}
</main>
</body>
</html>
`;
}

function countsText(summary: Summary): string {
  return countsOf(summary)
    .filter(([kind, count]) => count > 0 || kind === 'passed')
    .map(([kind, count, text]) => `<span class="${kind}"><b>${count}</b> ${text}</span>`)
    .join(', ');
}

/** The first of them is chosen at the start: failures where there are any, else everything. */
function filterButtons(results: readonly CaseResult[]): string {
  const counts = new Map<string, number>();
  for (const result of results) counts.set(outcomeWord(result), (counts.get(outcomeWord(result)) ?? 0) + 1);
  const start = counts.has('failed') ? 'failed' : 'all';
  const buttons = [
    button({ word: 'all', label: 'all', count: results.length, start }),
    ...Object.entries(WORDS)
      .filter(([word]) => counts.has(word))
      .map(([word, label]) => button({ word, label, count: counts.get(word) ?? 0, start })),
  ];
  return `<fieldset class="filter"><legend>Show</legend>${buttons.join('')}</fieldset>`;
}

interface Button {
  readonly word: string;
  readonly label: string;
  readonly count: number;
  readonly start: string;
}

function button({ word, label, count, start }: Button): string {
  const checked = word === start ? ' checked' : '';
  return `<label><input type="radio" name="show" id="show-${word}"${checked}><span>${label} <b>${count}</b></span></label>`;
}

function chapterSection(name: string, results: readonly CaseResult[]): string {
  const bad = results.filter((result) => outcomeWord(result) === 'failed').length;
  const count = bad === 0 ? `${results.length}` : `${bad} of ${results.length} failed`;
  return `<section>
<h2>${markupText(name)} <span class="quiet">${count}</span></h2>
${results.map(htmlCase).join('\n')}
</section>`;
}
