/** The series as reviewers read it. */
export { packageSources } from './source/packages.js';
export { patchesOf, sourcesAt, sourcesOf } from './source/tree.js';
export type { Sources } from './source/lay.js';
export { symbolsAt, symbolsOf, type SourceSymbol } from './source/symbols.js';
