/** A scenario that is not one; where it comes from a file the message begins with file, line and column. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}
