/** What tests of the kernel, here and in the patch packages, look at a machine with. */
export { check_invariants, type KnownReferences } from './sim/invariants.js';
export { modelObject, ReferenceModel, type ModelObject } from './sim/reference-model.js';
export { stateHash } from './sim/state-hash.js';
