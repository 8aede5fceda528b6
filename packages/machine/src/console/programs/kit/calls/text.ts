/** A system call as strace prints it, for whoever else shows one. */
import type { AnyKernel } from '@pmkit/series/levels';
import { callName } from './numbers.js';
import { entryText, exitText } from './show.js';

/** `wait4(-1, NULL, 0, NULL)`; before it has come back (no `result`) with an ellipsis for what the kernel will write. */
export function callText(k: AnyKernel, call: number | string, args: readonly unknown[], result?: number): string {
  const name = callName(k, call);
  const begun = entryText(name, args);
  if (result !== undefined) return `${begun}${exitText(name, args, result)}`;
  return `${begun.replace(/, $/, ', …')})`;
}
