/** The second opinion of real kernels: recordings of what they did, replayed on the simulated machine. */
export type { Reason } from './case.js';
export { parseRecording, RecordingError, type Recording } from './recording.js';
export { replay, type Judged, type ScenarioReport, type StepReport } from './replay.js';
export { formatConformance, isExplained, tally, type Conformance, type Tally } from './report.js';
export { LOWEST_LEVEL, replayDirectory } from './run.js';
