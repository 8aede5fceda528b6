export { at, changesOf, doesNotBuild, expected, NO_BUILD, treeName, type Behaviour, type Expectation, type Kind, type Level, type Source, type Tree } from './behaviour.js';
export { MachineBuffers } from './buffers.js';
export { Lab, MIGRATE_PAGES, SMALL_MACHINE, type BootOptions, type LabOptions, type Mapping } from './lab.js';
export { policyText, stateOf, vmaText, type Recording, type State, type Step, type TaskState, type VmaState } from './recording.js';
export { HOTPLUG_TREES, LEVEL_TREES, matrix, observe, record, seenAnyhow, type Outcome, type Row } from './run.js';
export { behaviours, findBehaviour, matching } from './list.js';
export { expectedRuns, levelsText, runs, type Run } from './runs.js';
export { coverage, type Chapter, type Item, type Section } from './coverage.js';
export { bootOther, bootTree, exchangeCode, hasOtherTrees, hasTree, takeTrees, type OtherTree, type OtherTrees } from './boot-tree.js';
