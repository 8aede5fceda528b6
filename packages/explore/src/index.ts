export { race, RACE_MACHINE, type Race, type RaceText } from './race.js';
export { parseRace } from './race-file.js';
export { ConditionError, parseCondition, type Condition } from './condition.js';
export { explore, STRATEGIES, type Exploration, type ExploreOptions, type Strategy } from './explore.js';
export { drawFaults, FAULT_NAMES, FaultError, parseFault, withFaults, type Fault, type FaultName } from './faults/index.js';
export {
  BASE_DEFECTS, CorpusError, fuzz, KNOWN_DEFECTS, programText, readCorpus, runProgram, writeCorpus,
  type Arg, type BaseDefect, type Call, type Covered, type Fuzzed, type FuzzOptions, type FuzzReport, type Program, type Uncovered, type Verdict,
} from './fuzz/index.js';
export { createWorld, type RaceWorld } from './world/create.js';
export {
  explain, formatExplanation, laneLines, Observer, stepText,
  type CriticalPair, type ExplainOptions, type Explanation, type LaneOptions, type Place, type PointOfNoReturn, type Prospect, type SeenStep, type Visit,
} from './explain/index.js';
export {
  formatReplay, isSameOutcome, MAX_REPLAY_LENGTH, readReplay, replay, ReplayError, toReplay, vitestSnippet, writeReplay,
  type Parting, type Replay, type Replayed, type ReplayOptions, type ReplayStep,
} from './replay/index.js';
export { raceText, type WholeRace } from './race-text.js';
export { shrink, smallestSchedule, type ShrinkOptions, type Shrunk, type Smallest, type SmallestOptions } from './shrink/index.js';
export { exploreLevels, firstShowing, type AtLevel, type FirstLevel, type Threads, type ThreadSetUp } from './levels.js';
export { shows, type Signature } from './search/showing.js';
export type { Ending } from './search/tally.js';
export { lockReports, type LockOptions } from './locks/check.js';
export type { LockReport } from './locks/lock-order.js';
