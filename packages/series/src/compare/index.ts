export { compareBehaviours, compareRecordings, compareScenario, isSame, type BehaviourDiff, type Difference, type Parting, type RunDiff } from './diff.js';
export { alike, explain, watchMigration, whyAtEveryLevel, type Explanation, type MigrationWatch, type Question, type Verdict } from './why.js';
