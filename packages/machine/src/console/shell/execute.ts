/** execve() in a process, and what the program then does. */
import type { Process } from '../process.js';
import type { ScriptOptions, Shell } from './shell.js';

/** What a process does; what it prints goes where its descriptors lead. */
export type Main = (p: Process) => Promise<number> | number;

/** Executes the program at `path` and does what it does. @returns its exit code; 126 or 127 when the kernel refuses. */
export async function execute(p: Process, path: string, argv: readonly string[], main: Main): Promise<number> {
  const error = await p.sys('execve', path);
  if (error < 0) return p.fail(p.strerror(error), 126);
  p.argv = argv;
  return p.closeOutput(await main(p));
}

/** A new shell in the process `p` runs a script. */
export function runScript(parent: Shell, p: Process, text: string, { name, ...options }: ScriptOptions & { readonly name: string }): Promise<number> {
  return parent.another({ process: p, name }).run(text, options);
}
