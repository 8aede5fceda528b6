/** What depends on what in the series: as data, as text, as a drawing. */
export { graphDot } from './dot.js';
export { focusOn, patchGraph, type GraphOptions } from './graph.js';
export type { BehaviourWitness, Change, Dependency, Gone, GraphNode, LeftOut, PatchGraph, TextualWitness, UseWitness } from './model.js';
export { graphSvg } from './svg.js';
export { reasonsOf, type Kind as ReasonKind, type Reason } from './words.js';
