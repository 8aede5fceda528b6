export * from './topology/index.js';
export { programOf, takeCensus, totalByNode, type Census } from './census/census.js';
export { VMA_KINDS, vmaKind, type VmaKind } from './census/kinds.js';
export { machineConfig } from './config.js';
export { parseNodeList, type ListRules, type NodeList } from './console/node-list.js';
export * from './import/index.js';
export { planStory, type Plan, type PlanOptions } from './story/plan.js';
export { playStory, type Call, type StoryObserver, type StoryResult } from './story/story.js';
