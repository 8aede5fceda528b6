/** Output that may be longer than the screen goes through the user's pager, as git's does. */
import type { Io } from './io.js';

/** For commander: `--no-pager` makes `pager` false. */
export const NO_PAGER_OPTION = '--no-pager';
export const NO_PAGER_HELP = 'write to the terminal as it is. Default there: through PMKIT_PAGER, PAGER, or less';

/** The pager's command; null for none: where standard output is no terminal, and where the user has none or `cat`. */
export function pagerCommand({ env, isTTY }: Pick<Io, 'env' | 'isTTY'>): string | null {
  const command = env['PMKIT_PAGER'] ?? env['PAGER'] ?? 'less';
  return isTTY && command !== '' && command !== 'cat' ? command : null;
}

/** Prints text, through the pager if there is one and `pager` is not false. */
export async function printPaged(io: Io, text: string, pager: boolean): Promise<void> {
  const command = pager ? pagerCommand(io) : null;
  if (command === null || io.page === undefined || text === '') io.stdout(text);
  else await io.page(command, text);
}
