export type { CommandEntry, CommandModule, Context, Services } from './context.js';
export { CommandError, EXIT_FAILED, EXIT_INTERNAL, EXIT_MISUSE } from './errors.js';
export { painter, type Color, type ColorWhen, type Io } from './io.js';
export { commands } from './registry.js';
export { run, version, type RunOptions } from './run.js';
