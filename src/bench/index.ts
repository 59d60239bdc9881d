export { BenchError } from './bench-error.js';
export { startBrokerProcess } from './broker-process.js';
export { filesNeeded, openFileLimit } from './open-files.js';
export { type BenchOptions, notificationCounts } from './options.js';
export { progressBar, progressLine } from './progress-line.js';
export { renderReport } from './report.js';
export type { BenchResult } from './result.js';
export { type Progress, runBench } from './run.js';
