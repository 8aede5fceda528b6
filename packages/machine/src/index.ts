export * from './topology/index.js';
export { machineConfig } from './config.js';
export { parseNodeList, type ListRules, type NodeList } from './console/node-list.js';
export * from './import/index.js';
