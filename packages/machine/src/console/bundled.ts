/** The commands that just-bash brings and that are programs on a real machine: where they are installed. */
import { getCommandNames } from 'just-bash';

/** bash has these itself: no process is made for them. */
export const BUILT_IN: ReadonlySet<string> = new Set(['echo', 'printf', 'pwd', 'alias', 'unalias', 'true', 'false']);
/** Not of this machine, or made otherwise. */
const LEFT_OUT: ReadonlySet<string> = new Set(['html-to-markdown', 'sqlite3', 'xan', 'yq', 'clear', 'time', 'bash', 'sh', 'help', 'history']);
/** In /bin, as the Filesystem Hierarchy Standard has it; everything else is in /usr/bin. */
const IN_BIN = new Set(['cat', 'chmod', 'cp', 'date', 'egrep', 'fgrep', 'grep', 'gunzip', 'gzip', 'hostname', 'ln', 'ls', 'mkdir', 'mv', 'rm', 'rmdir', 'sed', 'sleep', 'sort', 'tar', 'touch', 'zcat']);

/** Command → path, for those that are programs. */
export const BUNDLED_PATHS: ReadonlyMap<string, string> = new Map(
  getCommandNames().filter(name => !LEFT_OUT.has(name) && !BUILT_IN.has(name)).map(name => [name, `/${IN_BIN.has(name) ? 'bin' : 'usr/bin'}/${name}`]),
);

/** Those of BUILT_IN that a machine has as programs too, for who calls them by path or without a shell. */
export const BUILT_IN_PATHS: ReadonlyMap<string, string> = new Map([['echo', '/bin/echo'], ['false', '/bin/false'], ['printf', '/usr/bin/printf'], ['pwd', '/bin/pwd'], ['true', '/bin/true']]);
