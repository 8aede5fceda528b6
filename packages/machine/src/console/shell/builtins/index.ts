/** The commands that the shell itself is: what bash has built in and just-bash has not, and what rewritten scripts call. */
import type { Command } from 'just-bash';
import type { Shell } from '../shell.js';
import { jobBuiltins } from './jobs.js';
import { killBuiltins } from './kill.js';
import { miscBuiltins } from './misc.js';
import { pipelineBuiltins } from './pipelines.js';
import { processBuiltins } from './processes.js';
import { readBuiltins } from './read.js';
import { redirectBuiltins } from './redirect.js';
import { textBuiltins } from './texts.js';
import { trapBuiltins } from './traps.js';
import { turnBuiltins } from './turn.js';

export { SHELL_BUILTINS } from './names.js';

export const builtinCommands = (shell: Shell): Command[] => [jobBuiltins, killBuiltins, miscBuiltins, pipelineBuiltins, processBuiltins, readBuiltins, redirectBuiltins, textBuiltins, trapBuiltins, turnBuiltins].flatMap(make => make(shell));
