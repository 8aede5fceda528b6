export { GitError } from '../git.js';
export { StackLevels } from './levels.js';
export { ImportError, readGit, readMbox, readQuilt, IMPORT_LIMITS, type SentPatch } from './read.js';
export { runStack, type SeenInStack } from './run.js';
export { importStack, type OtherFile, type StackEntry } from './stack.js';
