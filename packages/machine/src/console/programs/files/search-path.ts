/** Where commands are found: what execvp() executes, for programs that say themselves what is wrong with a command, and for who lists it. */
import { EACCES, ENOENT } from '@pmkit/mm-core/include/linux/errno';
import { MAY_EXEC } from '@pmkit/mm-core/include/linux/fs';
import type { Process } from '../../process.js';
import { join, statOf } from './common.js';

/** Where execvp() looks: at the path, or by name in each directory of PATH. Whether something is there is another question. */
export function placesOf(p: Process, command: string): readonly string[] {
  if (command.includes('/')) return [command];
  return (p.env.get('PATH') ?? '/bin:/usr/bin').split(':').map(directory => join(directory || '.', command));
}

/** What execve() says of a file before it reads it: 0 or a negative errno. */
function executeError(p: Process, path: string): number {
  const stat = statOf(p, path);
  if (typeof stat === 'number') return stat;
  return stat.type !== 'directory' && p.box.files.access(p, path, MAY_EXEC) ? 0 : -EACCES;
}

export const isExecutable = (p: Process, path: string): boolean => executeError(p, path) === 0;

/** What execvp() says before it runs anything: 0; -EACCES when there is something of that name, but not to be executed; -ENOENT. */
export function findError(p: Process, command: string): number {
  const errors = placesOf(p, command).map(path => executeError(p, path));
  if (errors.includes(0)) return 0;
  return errors.includes(-EACCES) ? -EACCES : -ENOENT;
}
