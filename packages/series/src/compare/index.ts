export { compareBehaviours, compareRecordings, compareScenario, isSame, type BehaviourDiff, type Difference, type Parting, type RunDiff } from './diff.js';
export { alike, explain, whyAtEveryLevel, type Explanation, type Question, type Verdict } from './why.js';
