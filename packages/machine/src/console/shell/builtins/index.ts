/** The commands that the shell itself is: what bash has built in and just-bash has not, and what rewritten scripts call. */
import type { Command } from 'just-bash';
import type { Shell } from '../shell.js';
import { jobBuiltins } from './jobs.js';
import { killBuiltins } from './kill.js';
import { miscBuiltins } from './misc.js';
import { processBuiltins } from './processes.js';
import { redirectBuiltins } from './redirect.js';
import { textBuiltins } from './texts.js';
import { trapBuiltins } from './traps.js';

export const builtinCommands = (shell: Shell): Command[] => [jobBuiltins, killBuiltins, miscBuiltins, processBuiltins, redirectBuiltins, textBuiltins, trapBuiltins].flatMap(make => make(shell));

/** What bash does itself, without a process: its builtins, and ours under the names that a script knows them by. */
export const SHELL_BUILTINS: ReadonlySet<string> = new Set(
  ('. : [ alias bg bind break builtin caller cd command compgen complete compopt continue declare dirs disown echo enable eval exec exit export false fc fg getopts hash help history jobs '
    + 'kill let local logout mapfile popd printf pushd pwd read readarray readonly return set shift shopt source suspend test times trap true type typeset ulimit umask unalias unset wait').split(' '),
);
