const LIGHT = `
  --paper: #fff; --ink: #1c2128; --quiet: #57606a; --line: #d8dee4; --soft: #f5f7f9;
  --good: #1a7f37; --bad: #c6262e; --warn: #8a5a00; --focus: #0a5fb4;
  --plot-blue: #0067a8; --plot-orange: #c25400; --plot-pink: #a63d80; --plot-green: #00785a;
  --heat-0: #dceaf7; --heat-1: #9dc8e3; --heat-2: #4f9acb; --heat-3: #1d63a8; --heat-4: #08264f`;

const DARK = `
  --paper: #12161c; --ink: #e4e9ef; --quiet: #9aa5b1; --line: #2c343e; --soft: #1a2029;
  --good: #4cc068; --bad: #ff7b72; --warn: #e0ac4b; --focus: #6cb2ff;
  --plot-blue: #5bb8ee; --plot-orange: #eda33b; --plot-pink: #e08fbf; --plot-green: #3fc49a;
  --heat-0: #17324d; --heat-1: #1f5c86; --heat-2: #2f94a4; --heat-3: #86cd8b; --heat-4: #fbf3a5`;

/** The style sheet of the report; plots take their colours from its variables. `.paper` is what is being printed. */
export const STYLE = `
:root { color-scheme: light dark;${LIGHT} }
@media (prefers-color-scheme: dark) { :root:not(.paper) {${DARK} } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 66rem; padding: 0 1rem 4rem; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
header { margin: 1.5rem 0 1rem; padding-left: .9rem; border-left: .3rem solid var(--good) }
header.bad { border-color: var(--bad) }
header.warn { border-color: var(--warn) }
header p { margin: .15rem 0 }
header ul { margin: .5rem 0 0; padding-left: 1.1rem }
h1 { margin: 0; font-size: 1.35rem; line-height: 1.3 }
h1 .quiet { font-size: 1rem }
.good .verdict, .good { color: var(--good) }
.bad .verdict, .bad { color: var(--bad) }
.warn .verdict { color: var(--warn) }
header.good, header.bad { color: inherit }
.url { font: .9rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere }
.quiet { color: var(--quiet); font-weight: normal }
.empty { color: var(--quiet) }
li, p { overflow-wrap: anywhere }
h2 { margin: 2.2rem 0 .5rem; padding-top: .8rem; border-top: 1px solid var(--line); font-size: 1.1rem }
section > p { margin: .3rem 0 .8rem; max-width: 46rem }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: .6rem; margin: 0 }
.figures div { padding: .5rem .8rem; border-radius: .4rem; background: var(--soft) }
.figures dt { color: var(--quiet); font-size: .85rem }
.figures dd { margin: 0 }
.figures b { font-size: 1.3rem; font-variant-numeric: tabular-nums }
.figures span { font-size: .85rem }
.beside { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 0 2rem; align-items: start }
.table { max-width: 100%; margin: .5rem 0 1rem; overflow-x: auto }
.table:focus-visible, summary:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px }
.table table { border-collapse: collapse; font-size: .9rem }
caption { padding: 0 0 .3rem; color: var(--quiet); text-align: left }
.table th, .table td { padding: .22rem 1rem .22rem 0; font-weight: normal; text-align: left; vertical-align: top }
.table thead th { border-bottom: 1px solid var(--line); color: var(--quiet) }
.table tbody tr + tr > * { border-top: 1px solid var(--line) }
.beside tbody th { white-space: nowrap }
.table td { min-width: 4rem; max-width: 32rem; overflow-wrap: break-word }
.table .figure { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
.table thead th.figure { overflow-wrap: normal }
figure { margin: 0 0 1.3rem }
figcaption { margin-bottom: .2rem; font-size: .9rem }
.plot { min-height: 8rem; overflow: hidden }
.u-legend { width: 100%; font-size: 13px; font-variant-numeric: tabular-nums }
.u-legend.u-inline tr { margin-right: 12px }
.u-select { background: color-mix(in srgb, var(--ink) 14%, transparent) }
.u-hz .u-cursor-x { border-right-color: var(--quiet) }
.u-hz .u-cursor-y { border-bottom-color: var(--quiet) }
.legend { display: flex; flex-wrap: wrap; gap: .2rem .5rem; align-items: center; margin: .3rem 0 0; padding-left: 52px; font-size: 13px; font-variant-numeric: tabular-nums }
.legend output { flex-basis: 100%; min-height: 1.5em }
.legend canvas { border: 1px solid var(--line) }
details { margin: .5rem 0 }
summary { cursor: pointer }
.notes { padding-left: 1.1rem; color: var(--quiet) }
@media (max-width: 40rem) {
  .table th, .table td { padding-right: .6rem }
  .figures { grid-template-columns: repeat(2, minmax(0, 1fr)) }
}
@media print {
  * { print-color-adjust: exact }
  :root { font-size: 12px }
  body { max-width: none; padding: 0; font-size: 12px }
  section, figure, tr { break-inside: avoid }
  section:has(figure + figure) { break-inside: auto }
  h2 { break-after: avoid }
  .table { overflow: visible }
}
`;
