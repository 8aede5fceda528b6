/**
 * Fuzzing: programs of system calls, good and bad ones, of six tasks, one call after the other or all at once, until the kernel does something that is no listed
 * defect of the series: a BUG(), a complaint in the log, a deadlock, a broken invariant, an exception of the simulator. guide.ts says what guides it.
 */
export { CorpusError, readCorpus, writeCorpus } from './corpus.js';
export { fuzz, runProgram, type Fuzzed, type FuzzOptions, type FuzzReport } from './fuzz.js';
export { BASE_DEFECTS, KNOWN_DEFECTS, type BaseDefect } from './known.js';
export { programText, type Arg, type Call, type Program } from './program.js';
export type { Covered, Uncovered } from './guide.js';
export type { Verdict } from './verdict.js';
