export { CallSyntaxError, parseArgument, parseCall, type Argument } from './call.js';
export { CONSTANTS } from './constants.js';
export { ScenarioError } from './error.js';
// what reads files is @pmkit/series/scenario/file: who only plays need not load a parser of YAML
export type { ScenarioFile, ScenarioStep } from './file.js';
export { accessOf, argumentsOf, callOf, playScenario, playStep, setStage, sumOf, type Stage } from './play.js';
