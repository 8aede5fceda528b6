/** execvp() in a process, and what the program then does: one of ours, one of just-bash's, or bash for a script. */
import { ENOEXEC, ENOENT } from '@pmkit/mm-core/include/linux/errno';
import { BUILT_IN_PATHS, BUNDLED_PATHS } from '../bundled.js';
import type { Process } from '../process.js';
import { BASH_PATH } from '../system.js';
import { runBash } from './bash-command.js';
import { runBundled } from './bundled-run.js';
import { execute, runScript } from './execute.js';
import type { Shell } from './shell.js';

/** execvp(): the process becomes a program, by name or path. @param parent a shell, that says what is wrong and lends its settings to new ones */
export async function become(parent: Shell, p: Process, argv: readonly string[]): Promise<number> {
  const [command = '', ...args] = argv;
  const { programs, files } = p.box;
  const isPath = command.includes('/');
  const named = isPath && files.exists(p, command) ? files.realpath(p, command) : undefined;
  const program = isPath ? [...programs.values()].find(({ path }) => path === named) : programs.get(command);
  if (program !== undefined) return execute(p, program.path, argv, () => program.run(p));
  if (isPath ? named === BASH_PATH : command === 'bash' || command === 'sh') return runBash(parent, p, argv);
  const name = isPath ? NAMES.get(named ?? '') : command;
  const path = name === undefined ? undefined : OF_JUST_BASH.get(name);
  if (name !== undefined && path !== undefined) return execute(p, path, argv, () => runBundled(p, name, args));
  if (isPath) return executeFile(parent, p, argv);
  const found = (p.env.get('PATH') ?? '').split(':').map(directory => `${directory || '.'}/${command}`).find(file => files.access(p, file, MAY_EXEC) && files.stat(p, file).type === 'file');
  if (found !== undefined) return executeFile(parent, p, [found, ...args]);
  p.err(`${parent.name}: ${command}: command not found\n`);
  return 127;
}
const MAY_EXEC = 1;
/** Programs of just-bash's: command → path, and the other way round. */
const OF_JUST_BASH: ReadonlyMap<string, string> = new Map([...BUNDLED_PATHS, ...BUILT_IN_PATHS]);
const NAMES: ReadonlyMap<string, string> = new Map([...OF_JUST_BASH].map(([name, path]) => [path, name]));

/** Executes a file by path: what the kernel does not know how to execute is a script. */
async function executeFile(parent: Shell, p: Process, argv: readonly string[]): Promise<number> {
  const [command = '', ...args] = argv;
  const { files } = p.box;
  const isDirectory = files.exists(p, command) && files.stat(p, command).type === 'directory';
  const error = isDirectory ? null : await p.sys('execve', p.canonical(command));
  const complain = (text: string, code: number): number => {
    p.err(`${parent.name}: ${command}: ${text}\n`);
    return code;
  };
  if (error === null) return complain('Is a directory', 126);
  if (error === 0) return complain('cannot execute: nobody has told the kit what this program does', 126);
  if (error !== -ENOEXEC) return complain(p.strerror(error), error === -ENOENT ? 127 : 126);
  const text = await p.readFile(command);
  const interpreter = /^#!\s*(\S+)\s*(.*)/.exec(text);
  if (interpreter !== null && !/(^|\/)(ba)?sh$/.test(interpreter[1]!)) return complain(`${interpreter[1]!}: bad interpreter: No such file or directory`, 126);
  return execute(p, BASH_PATH, ['bash', command, ...args], () => runScript(parent, p, text, { name: command, args }));
}
