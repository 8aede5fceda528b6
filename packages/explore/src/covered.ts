/**
 * The covered instance: the modules of fuzz/instance.ts as the build prints them, in one file of their own, and what they note.
 * This file is only what they look like from outside; dist/covered.js does not come from it line by line (tsup.config.ts).
 */
export * from './fuzz/instance.js';
export { functions, hits, type CoveredFunction } from './cover/branches.js';
