export { CallSyntaxError, parseArgument, parseCall, type Argument } from './call.js';
export { CONSTANTS } from './constants.js';
export { ScenarioError } from './error.js';
export { machineFields, MAX_SCENARIO_BYTES, parseScenario, ScenarioSource, type ScenarioFile, type ScenarioStep } from './file.js';
export { accessOf, argumentsOf, callOf, playScenario, playStep, setStage, sumOf, type Stage } from './play.js';
