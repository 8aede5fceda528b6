/** Why the stack says no. The commands turn the reason into quilt's exit code, which depends on the command that asked. */
export type StackReason =
  | 'unknown'
  | 'ambiguous'
  | 'none applied'
  | 'not applied'
  | 'currently applied'
  | 'fully applied'
  | 'nothing to do'
  | 'does not build';

export class StackError extends Error {
  override readonly name = 'StackError';
  readonly reason: StackReason;

  constructor(reason: StackReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
