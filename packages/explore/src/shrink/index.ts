export { shrink, type ShrinkOptions, type Shrunk } from './shrink.js';
export { smallestSchedule, type Smallest, type SmallestOptions } from './smallest.js';
