import { formatFileError, markupText } from '../../document/index.js';
import type { CaseResult, Failure } from '../result.js';
import type { WireEvent } from '../wire.js';
import { ARROWS } from './wire-lines.js';
import { bytesText, isFailure, nameOf, rulesText } from './wording.js';

export type OutcomeWord = 'passed' | 'failed' | 'noted' | 'expected' | 'unexpected' | 'skipped';

const MARKS: Readonly<Record<OutcomeWord, string>> = { passed: '✓', failed: '✗', noted: '!', expected: '≈', unexpected: '?', skipped: '–' };

const OUTCOMES: Readonly<Record<OutcomeWord, string>> = {
  passed: 'passed',
  failed: 'failed',
  noted: 'failed, level info',
  expected: 'failed as expected',
  unexpected: 'passed unexpectedly',
  skipped: 'skipped',
};

const SHOWN_OF_PASSED = 20;

/** How a case ended, as a class of the document. */
export function outcomeWord(result: CaseResult): OutcomeWord {
  const { kind } = result.outcome;
  if (kind === 'failed') return isFailure(result) ? 'failed' : 'noted';
  if (kind === 'expected-failure') return 'expected';
  return kind === 'unexpected-pass' ? 'unexpected' : kind;
}

/** A case as `<details>`: its name outside, all else inside. */
export function htmlCase(result: CaseResult): string {
  const { case: of, outcome, durationMs } = result;
  const word = outcomeWord(result);
  const failure = 'failure' in outcome ? outcome.failure : undefined;
  const because = 'because' in outcome ? `<p class="because">${markupText(outcome.because)}</p>` : '';
  const row = of.row === undefined ? '' : `<p>with <code>${markupText(JSON.stringify(of.row))}</code></p>`;
  return `<details class="case ${word}">
<summary><span class="mark" title="${OUTCOMES[word]}">${MARKS[word]}</span><span class="name"><b>${markupText(nameOf(result))}</b> <span class="title">${markupText(of.title)}</span></span></summary>
<div class="inside">
<p class="quiet">${OUTCOMES[word]} after ${durationMs.toFixed(0)} ms · ${markupText(rulesText(of.rules))} · ${of.level} · ${markupText(of.source.path)}:${of.place.line}</p>
${because}${row}${failure === undefined ? '' : failureBlock(result, failure)}${wireBlock(result)}</div>
</details>`;
}

function failureBlock({ case: { source } }: CaseResult, failure: Failure): string {
  const [, ...excerpt] = formatFileError(source, { path: source.path, ...failure }).split('\n');
  const { line, column } = failure.place;
  const broken = failure.rule === undefined ? '' : ` <span class="quiet">(${markupText(rulesText([failure.rule]))})</span>`;
  return `<p class="message">${markupText(failure.message)}${broken}</p>
<p class="quiet">${markupText(source.path)}:${line}:${column}</p>
<pre>${markupText(excerpt.join('\n'))}</pre>
${textBlock('expected', failure.expected)}${textBlock('actual', failure.actual)}`;
}

function textBlock(label: string, text: string): string {
  return text === '' ? '' : `<h3>${label}</h3>\n<pre class="${label}">${markupText(text)}</pre>\n`;
}

/** Of a case that passed the last events of each client are enough; thousands of cases are one file. */
function wireBlock(result: CaseResult): string {
  const most = result.outcome.kind === 'passed' ? SHOWN_OF_PASSED : Number.POSITIVE_INFINITY;
  return Object.entries(result.wire)
    .filter(([, events]) => events.length > 0)
    .map(([client, events]) => {
      const shown = events.slice(-most);
      const which = shown.length < events.length ? ` <span class="quiet">the last ${shown.length} of ${events.length}</span>` : '';
      return `<h3>${markupText(client)}${which}</h3>\n<div class="wire"><table>\n${shown.map(eventRow).join('\n')}\n</table></div>\n`;
    })
    .join('');
}

/** Columns have no classes, their order is their style: a suite has a hundred thousand rows. */
function eventRow({ atMs, direction, what, payload, bytes }: WireEvent): string {
  const size = Buffer.byteLength(payload) === bytes ? '' : ` <i>${bytesText(bytes)}</i>`;
  const cell = payload === '' ? '' : `<td><code>${markupText(payload.replace(/\r\n/g, '\n').trimEnd())}</code>${size}`;
  return `<tr class=${direction[0]}><td>${atMs.toFixed(1)}<td>${ARROWS[direction]}<td>${markupText(what)}${cell}`;
}
