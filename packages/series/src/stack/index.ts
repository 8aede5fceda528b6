export { StackError, type StackReason } from './errors.js';
export { linkLevel, loadPatch, touchedFiles, treeOf, type SymbolChange, type TouchedFile } from './link-level.js';
export { findLevel, findPatch } from './lookup.js';
export { nowAt, popPatches, pushPatches, reachOf, seriesMark, type MoveOptions, type Mover } from './moves.js';
export {
  BASE_PATCH,
  formatSeriesFile,
  migrationSeries,
  type PatchEntry,
  type SeriesTable,
} from './series-file.js';
export {
  appliedPatches,
  emptyStack,
  isApplied,
  nextPatch,
  planGoto,
  planPop,
  planPush,
  previousPatch,
  stackAt,
  topPatch,
  unappliedAfter,
  withPopped,
  withPushed,
  type Reach,
  type Stack,
} from './stack.js';
export { formatState, parseState, type StateFault } from './state-file.js';
