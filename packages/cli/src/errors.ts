/** Misuse: an option, a file or a name that is wrong. As all of its kind it ends with exit code 2. */
export const EXIT_MISUSE = 2;
/** The command was understood and could not be done. */
export const EXIT_FAILED = 1;
/** The kit itself failed; sysexits.h calls it EX_SOFTWARE. */
export const EXIT_INTERNAL = 70;

/** Ends a command with `exitCode`, after `message` on standard error. An empty message is silent, as quilt sometimes is. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
