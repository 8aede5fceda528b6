/** Where a command's output and its complaints go, redirection by redirection: what the shell has to say of a file goes where the command would. */
import { plainText, type Redirection } from './ast.js';

/** Output and errors of the shell itself, nowhere, or the number of a redirection to a file (see rewrite.ts). */
export const OWN_OUTPUT = 'out';
export const OWN_ERRORS = 'err';
export const NOWHERE = 'null';

export class Streams {
  #output = OWN_OUTPUT;
  #errors = OWN_ERRORS;

  /** Destination of what is written to descriptor 2. */
  get errors(): string {
    return this.#errors;
  }

  /** The next redirection, from left to right. @param site its number when it is to a file, other than /dev/null */
  redirect({ fd, operator, target }: Redirection, site?: string): void {
    const path = target.type === 'Word' ? plainText(target) : null;
    if (operator === '&>' || operator === '&>>') this.#output = this.#errors = site ?? NOWHERE;
    else if (operator === '>&') this.#duplicate(fd ?? 1, path);
    else if (operator.startsWith('>')) this.#point(fd ?? 1, site ?? (path === '/dev/null' ? NOWHERE : undefined));
  }

  /** `2>&1` and the like; `-` closes. */
  #duplicate(fd: number, of: string | null): void {
    this.#point(fd, of === '1' ? this.#output : of === '2' ? this.#errors : of === '-' ? NOWHERE : undefined);
  }

  #point(fd: number, at: string | undefined): void {
    if (at === undefined) return;
    if (fd === 1) this.#output = at;
    if (fd === 2) this.#errors = at;
  }
}
