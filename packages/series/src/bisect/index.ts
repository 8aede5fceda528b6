/** `pmkit bisect` without the command line. Loads neither kernels nor the catalogue. */
export { doesNotBuild, treeName, type Tree } from '../catalogue/behaviour.js';
export { bisect, BisectEndError, type BisectOptions, type BisectResult, type Judgement, type LevelVerdict, type Verdict } from './search.js';
export {
  BisectError, checkTerms, DEFAULT_TERMS, formatLog, mark, MAX_LOG, parseLog, replayLog, startSession, status, termsFor, type Log, type LogEntry, type Session, type Status, type Terms,
} from './session.js';
export { estimateSteps, nextStep, type Next, type Search } from './steps.js';
