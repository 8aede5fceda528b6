/** Whether a command can be executed, as execvp() finds it: for programs that say themselves what is wrong with it. */
import { EACCES, ENOENT } from '@pmkit/mm-core/include/linux/errno';
import { MAY_EXEC } from '@pmkit/mm-core/include/linux/fs';
import type { Process } from '../../process.js';
import { join, statOf } from '../files/common.js';

/** What execvp() says before it runs anything: 0 or a negative errno. */
export function findError(p: Process, command: string): number {
  const places = command.includes('/') ? [command] : (p.env.get('PATH') ?? '/bin:/usr/bin').split(':').map(directory => join(directory || '.', command));
  let error = -ENOENT;
  for (const path of places) {
    const stat = statOf(p, path);
    if (typeof stat === 'number') continue;
    if (stat.type !== 'directory' && p.box.files.access(p, path, MAY_EXEC)) return 0;
    error = -EACCES;
  }
  return error;
}
