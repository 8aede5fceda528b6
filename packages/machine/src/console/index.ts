export { Box, type BoxOptions, type RunResult } from './box.js';
export { Killed, Stuck } from './killed.js';
export { Process, strerror } from './process.js';
export { commandOf, type Program } from './program.js';
export { programs } from './programs/index.js';
export { Session, type LineReader } from './shell/session.js';
export type { Sink } from './shell/shell.js';
export { completions } from './shell/complete.js';
