export { BenchError } from './bench-error.js';
export { type BrokerProcess, startBrokerProcess } from './broker-process.js';
export { type BenchSettings, runBench } from './run/run-bench.js';
export type { Ways } from './way.js';
