export { CallSyntaxError, parseArgument, parseCall, type Argument } from './call.js';
export { CONSTANTS } from './constants.js';
export { MAX_SCENARIO_BYTES, parseScenario, ScenarioError, type ScenarioFile, type ScenarioStep } from './file.js';
export { playScenario } from './play.js';
