export { behavioursOf, concerns, type PatchBehaviours, type PatchNumber } from './behaviours-of.js';
export type { Day, Descendant, Mail, OriginalFile, PatchFacts, Review } from './facts.js';
export { factsOf, patchFacts } from './list.js';
export { patchPage, touchesOf, type ChangedSymbol, type PageFile, type PageSymbol, type PatchPage, type Touches } from './page.js';
