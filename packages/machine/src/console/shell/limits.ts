/** No script of ours is too long for the interpreter; what keeps one from running for ever is the user's interrupt. */
export const LIMITS = {
  maxCommandCount: 1e12, maxLoopIterations: 1e12, maxWorkUnits: 1e15, maxExecutionTimeMs: 2 ** 31 - 1, maxCallDepth: 1000, maxOutputSize: 2 ** 40, maxInputBytes: 2 ** 40,
  maxTraversalWork: 1e12, maxSubstitutionDepth: 1000,
};
