/** One thing that is wrong with a tree, in the words of the compiler or the loader. */
export interface LinkComplaintAt { readonly file: string; readonly caller: string; readonly callee: string; readonly message: string }

/** A tree that does not build. `errors` has every complaint; the message joins them. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
  readonly errors: readonly LinkComplaintAt[];
  constructor(errors: readonly LinkComplaintAt[]) {
    super(errors.map(error => error.message).join('\n'));
    this.errors = errors;
  }
}
