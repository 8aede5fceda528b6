/** What tests of the kernel, here and in the patch packages, set a machine up and look at it with. */
export { check_invariants, type KnownReferences } from './sim/invariants.js';
export { modelObject, ReferenceModel, type ModelObject } from './sim/reference-model.js';
export { stateHash } from './sim/state-hash.js';
export {
  addSwap, anonymous, ANONYMOUS, attachSegment, FOUR_NODES, logOf, mapFile, mapMemory, mask, MAXNODE, migrate, must, newFile, nodes, nodesOf, policyOf, PRIVATE,
  READ, scheduler, SHARED, startJob, vmaAt, WRITE, type AnyKernel,
} from './sim/test-rig.js';
