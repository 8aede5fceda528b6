/** execve() in a process, and what the program then does: one of ours, or bash for a script. */
import { ENOEXEC } from '@pmkit/mm-core/include/linux/errno';
import type { Process } from '../process.js';
import { BASH_PATH } from '../system.js';
import type { Main } from './externals.js';
import type { ScriptOptions, Shell } from './shell.js';
import type { Sink } from './shell-fs.js';
import { quote } from './words.js';

/** Executes the program at `path` and does what it does. @returns its exit code; 126 or 127 when the kernel refuses. */
export async function execute(p: Process, path: string, argv: readonly string[], main: Main): Promise<number> {
  const error = await p.sys('execve', path);
  if (error < 0) return p.fail(p.strerror(error), 126);
  p.argv = argv;
  return main(p);
}

/** Executes a file by path: what the kernel does not know how to execute is a script. */
export async function executeFile(parent: Shell, p: Process, argv: readonly string[]): Promise<number> {
  const [command = '', ...args] = argv;
  const path = parent.files.fs.resolvePath(p.cwd, command);
  const error = (await isDirectory(parent, path)) ? null : await p.sys('execve', path);
  const complain = (text: string, code: number): number => {
    p.err(`${parent.name}: ${command}: ${text}\n`);
    return code;
  };
  if (error === null) return complain('Is a directory', 126);
  if (error === 0) return complain('cannot execute: nobody has told the kit what this program does', 126);
  if (error !== -ENOEXEC) return complain(p.strerror(error), error === -2 ? 127 : 126);
  const text = await parent.files.fs.readFile(path);
  const interpreter = /^#!\s*(\S+)\s*(.*)/.exec(text);
  if (interpreter !== null && !/(^|\/)(ba)?sh$/.test(interpreter[1]!)) return complain(`${interpreter[1]!}: bad interpreter: No such file or directory`, 126);
  return execute(p, BASH_PATH, ['bash', command, ...args], () => runScript(parent, p, text, { name: command, args }));
}

async function isDirectory({ files: { fs } }: Shell, path: string): Promise<boolean> {
  return (await fs.exists(path)) && (await fs.stat(path)).isDirectory;
}

/** A new shell in the process `p` runs a script; what it prints is the process's output. */
export function runScript(parent: Shell, p: Process, text: string, { name, ...options }: ScriptOptions & { readonly name: string }): Promise<number> {
  return parent.another({ process: p, sink: sinkOf(p), name }).run(text, options);
}

/** execvp() by a process that no shell waits for, such as one that a program has forked: a shell of its own finds the command and becomes it. */
export function executeAlone(parent: Shell, p: Process, argv: readonly string[]): Promise<number> {
  return parent.another({ process: p, sink: sinkOf(p), name: parent.name }).run(`exec ${argv.map(quote).join(' ')}`);
}

/** The output of a process as a shell's. */
export const sinkOf = (p: Process): Sink => ({ out: text => { p.out(text); }, err: text => { p.err(text); } });
