export { MAX_SCENARIO_BYTES, parseScenario, ScenarioError, type ScenarioFile, type ScenarioStep } from './file.js';
export { playScenario } from './play.js';
