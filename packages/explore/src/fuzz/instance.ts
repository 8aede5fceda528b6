/**
 * What a program needs of a kernel. There are two: the plain one, these modules themselves, and the covered one, the same modules printed by the build in a form that notes which branches it takes (cover/).
 */
export { play, type Played } from './run.js';
export { makeStand, type Stand } from './stand.js';
export { judgeProgram, type Verdict } from './verdict.js';
