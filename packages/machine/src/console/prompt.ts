/** What stands in front of a line that is typed. */
import { treeName } from '@pmkit/series/catalogue';
import type { SeriesTable } from '@pmkit/series/stack';
import type { Box } from './box.js';

/** `[4 add-sys_migrate_pages-rc3] root:~# ` in parts: level and top patch, user, place, sign. */
export interface Prompt { readonly tree: string; readonly user: string; readonly where: string; readonly sign: '#' | '$' }

export function promptOf({ tree, login: { env, task } }: Box, { base, entries }: SeriesTable, cwd: string): Prompt {
  const top = tree.level === 0 ? base : (entries.find(entry => entry.number === tree.level)?.name ?? '');
  const home = env.get('HOME') ?? '/';
  return {
    tree: `${treeName(tree)} ${top.replace(/\.patch$/, '')}`, user: env.get('USER') ?? '',
    where: cwd === home ? '~' : cwd.startsWith(`${home}/`) ? `~${cwd.slice(home.length)}` : cwd, sign: task.euid === 0 ? '#' : '$',
  };
}
