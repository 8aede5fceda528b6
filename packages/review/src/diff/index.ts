/** Unified diffs: read out of texts, and made of the sources of two trees. */
export { annotate, modulesNamed, type AnnotatedLine } from './annotate.js';
export { originalFigures, type OriginalFigures } from './originals.js';
export { DiffError, printable, readDiffs, type DiffHunk, type FileDiff } from './read.js';
export { statLines, statSummary, type StatLine, type StatRow } from './stat.js';
export { diffText, diffTrees, fileHead, hunkHead, hunksOf, type DiffOptions, type ModuleDiff, type TextHunk } from './tree.js';
export { wordLines, wordText, type Span } from './words.js';
