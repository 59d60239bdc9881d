export { type Comparison, differenceJson, differenceLines, isComparable } from './difference.js';
export { htmlDocument } from './html.js';
export { jsonReporter } from './json.js';
export { junitDocument } from './junit.js';
export { RunProgress } from './progress.js';
export type { ReportStyle } from './report-style.js';
export type { Reporter } from './reporter.js';
export { tapReporter } from './tap.js';
export { textReporter } from './text.js';
