/** Outcomes that a radio button chooses: while it is checked, cases that end otherwise are not there, nor chapters without one. */
const FILTERS = ['passed', 'failed', 'noted', 'expected', 'unexpected', 'skipped']
  .map(
    (word) => `
body:has(#show-${word}:checked) .case:not(.${word}), body:has(#show-${word}:checked) section:not(:has(.${word})) { display: none }`,
  )
  .join('');

/** The style sheet of the HTML report. */
export const HTML_STYLE = `
:root {
  --paper: #fff; --ink: #1c2128; --quiet: #5b6570; --line: #d8dee4; --soft: #f5f7f9;
  --good: #1a7f37; --bad: #c6262e; --warn: #8a5a00; --cool: #0a5fb4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #12161c; --ink: #e4e9ef; --quiet: #98a3b0; --line: #2c343e; --soft: #1a2029;
    --good: #4cc068; --bad: #ff7b72; --warn: #e0ac4b; --cool: #6cb2ff;
  }
}
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 68rem; padding: 0 1rem 4rem; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
header { margin: 1.5rem 0 1rem; padding-left: .9rem; border-left: .3rem solid var(--good) }
header.bad { border-color: var(--bad) }
header p { margin: .15rem 0 }
h1 { margin: 0; font-size: 1.15rem }
.server { font-family: ui-monospace, monospace; font-size: .9rem; overflow-wrap: anywhere }
.quiet { color: var(--quiet); font-weight: normal }
.passed > b, .passed .mark { color: var(--good) }
.failed > b, .failed .mark, .message { color: var(--bad) }
.noted > b, .expectedFailures > b, .unexpectedPasses > b, .noted .mark, .expected .mark, .unexpected .mark, .early, .because { color: var(--warn) }
.skipped .mark { color: var(--quiet) }
.filter { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .4rem; margin: 0 -1rem; padding: .6rem 1rem; border: 0; border-bottom: 1px solid var(--line); background: var(--paper) }
.filter legend, .filter input { position: absolute; width: 1px; height: 1px; overflow: hidden; opacity: 0 }
.filter span { display: block; padding: .15rem .7rem; border: 1px solid var(--line); border-radius: 1rem; cursor: pointer }
.filter input:checked + span { border-color: var(--cool); background: var(--cool); color: var(--paper) }
.filter input:focus-visible + span { outline: 2px solid var(--cool); outline-offset: 2px }
section { content-visibility: auto; contain-intrinsic-size: auto 40rem }
h2 { margin: 1.6rem 0 .4rem; font-size: 1.05rem }
.case { border-top: 1px solid var(--line) }
.case:last-child { border-bottom: 1px solid var(--line) }
summary { display: flex; gap: .6rem; padding: .4rem .2rem; cursor: pointer; list-style: none }
summary::-webkit-details-marker { display: none }
summary:hover, details[open] > summary { background: var(--soft) }
summary .mark { flex: none; width: 1rem; text-align: center; font-weight: bold }
summary .name { min-width: 0; overflow-wrap: anywhere }
summary .title { color: var(--quiet) }
.inside { padding: .2rem .2rem 1rem 1.8rem }
.inside p { margin: .3rem 0; overflow-wrap: anywhere }
h3 { margin: .8rem 0 .2rem; font-size: .85rem }
pre, code, .wire { font: 13px/1.45 ui-monospace, monospace }
pre { margin: .3rem 0; padding: .5rem .7rem; overflow-x: auto; border-radius: .3rem; background: var(--soft) }
pre.expected { border-left: 3px solid var(--good) }
pre.actual { border-left: 3px solid var(--bad) }
.wire { overflow-x: auto; border-radius: .3rem; background: var(--soft) }
table { border-collapse: collapse; width: 100% }
td { padding: .1rem .5rem; vertical-align: top }
tr + tr { border-top: 1px solid var(--line) }
td:nth-child(4) { width: 100%; min-width: 16rem; overflow-wrap: anywhere }
td code { white-space: pre-wrap }
.wire i { color: var(--quiet); font-style: normal }
td:nth-child(1) { color: var(--quiet); text-align: right; font-variant-numeric: tabular-nums }
td:nth-child(3) { white-space: nowrap }
.s td:nth-child(2) { color: var(--cool) }
.r td:nth-child(2) { color: var(--good) }
.n td { color: var(--quiet) }
@media (max-width: 40rem) {
  .inside { padding-left: .2rem }
  summary .title { display: block }
  td { padding: .1rem .3rem }
}${FILTERS}
`;
