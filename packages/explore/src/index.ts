export { race, RACE_MACHINE, type Race, type RaceText } from './race.js';
export { parseRace } from './race-file.js';
export { ConditionError, parseCondition, type Condition } from './condition.js';
export { explore, type Exploration, type ExploreOptions, type Strategy } from './explore.js';
export { createWorld, type RaceWorld } from './world/create.js';
