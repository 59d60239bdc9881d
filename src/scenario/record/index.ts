export type { RecordedEvent } from './event.js';
export { type Recorder, startRecorder } from './recorder.js';
export { scenarioOf } from './scenario-of.js';
