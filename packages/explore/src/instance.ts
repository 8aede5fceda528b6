/**
 * One instance of the kernel and of what drives it. There are two: the plain one, these modules themselves, and the recorded one, the
 * same modules printed by the build in a form that tells what each step reads and writes (record/).
 */
export { createMachine, start } from '@pmkit/mm-core';
export { createWorld, type RaceWorld } from './world/create.js';
export { canStep, isRunnable, step } from './world/world.js';
