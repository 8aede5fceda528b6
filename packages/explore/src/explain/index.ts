export type { PointOfNoReturn } from './decide.js';
export { explain, type CriticalPair, type ExplainOptions, type Explanation } from './explain.js';
export { formatExplanation } from './format.js';
export { laneLines, type LaneOptions } from './lanes.js';
export { Observer, type Place, type SeenStep, type Visit } from './observe.js';
export type { Prospect } from './prospects.js';
export { stepText } from './words.js';
