/** which, after GNU which 2.21: where commands are found in PATH. */
import type { Process } from '../../process.js';
import { defineProgram, none, type Definition } from '../system/define.js';
import { begin } from '../text/input.js';
import { join } from './common.js';
import { isExecutable, placesOf } from './search-path.js';

const WHICH: Definition = {
  path: '/usr/bin/which', summary: 'show where commands are', synopsis: ['which [options] [--] COMMAND [...]'], description: 'Prints the path of what would be executed for each COMMAND. It ends with the number of those that there are not.',
  options: [
    ['-a, --all', 'all of that name, not only the first'], ['-i, --read-alias; --skip-alias', 'look for aliases among the lines of standard input (as `alias` prints them); not'], ['--read-functions; --skip-functions', 'look for functions there (as `declare -f` prints them); not'],
    ['--skip-dot; --skip-tilde', 'nothing from directories of PATH that begin with a point; nothing from the home directory'], ['--show-dot; --show-tilde', 'a point, or a tilde, for the working or home directory'], ['--tty-only', 'the options right of it do not count: standard input is no terminal'], ['-v, -V, --version', 'the version'],
  ],
  run,
};
export const which = defineProgram(WHICH);

async function run(p: Process): Promise<number> {
  const parsed = begin(p, WHICH, '+aivV', [
    none('all', 'a'), none('read-alias', 'i'), none('skip-alias'), none('read-functions'), none('skip-functions'), none('skip-dot'), none('skip-tilde'), none('show-dot'), none('show-tilde'), none('tty-only'), none('version', 'v'),
  ], 255);
  if (typeof parsed === 'number') return parsed;
  if (parsed.has('v', 'V')) {
    p.out('GNU which v2.21, as modelled\n');
    return 0;
  }
  const ttyOnly = parsed.options.findIndex(({ opt }) => opt === 'tty-only');
  const given = new Set(parsed.options.slice(0, ttyOnly < 0 ? undefined : ttyOnly).map(({ opt }) => opt));
  const lines = given.has('i') || given.has('read-functions') ? (await p.input()).split('\n') : [];
  let missing = 0;
  for (const command of parsed.operands) if (!show(p, lines, command, given)) missing++;
  return missing;
}

/** @returns whether there is one. */
function show(p: Process, lines: readonly string[], command: string, given: ReadonlySet<string>): boolean {
  const found = [...fromShell(p, lines, command, given)];
  if (found.length === 0 || given.has('a')) found.push(...pathsOf(p, command, given).map(path => `${path}\n`));
  p.out((given.has('a') ? found : found.slice(0, 1)).join(''));
  if (found.length > 0) return true;
  const slash = command.lastIndexOf('/');
  p.fail(slash < 0 ? `no ${command} in (${p.env.get('PATH') ?? ''})` : `no ${command.slice(slash + 1)} in (${command.slice(0, slash) || '/'})`);
  return false;
}

/** Executables of that name, by absolute paths. */
function pathsOf(p: Process, command: string, given: ReadonlySet<string>): string[] {
  const places = placesOf(p, command).filter(path => isExecutable(p, path) && !(given.has('skip-dot') && !command.includes('/') && path.startsWith('.')));
  const home = join(p.env.get('HOME') ?? '/', '');
  const here = join(p.cwd, '');
  return places.flatMap(path => {
    const full = path.startsWith('/') ? path : here + path.replace(/^(?:\.\/+)+/, '');
    if (given.has('skip-tilde') && (path.startsWith('~') || full.startsWith(home))) return [];
    if (given.has('show-dot') && path.startsWith('.')) return [`./${full.slice(here.length)}`];
    return [given.has('show-tilde') && full.startsWith(home) ? `~/${full.slice(home.length)}` : full];
  });
}

/** Aliases and functions of the shell, as standard input tells them. */
function* fromShell(p: Process, lines: readonly string[], command: string, given: ReadonlySet<string>): Generator<string> {
  if (given.has('i') && !given.has('skip-alias')) {
    const alias = lines.find(line => line.replace(/^alias /, '').startsWith(`${command}=`));
    if (alias !== undefined) yield `${alias}\n${behindAlias(alias).flatMap(word => pathsOf(p, word, given).slice(0, 1)).map(path => `\t${path}\n`).join('')}`;
  }
  if (!given.has('read-functions') || given.has('skip-functions')) return;
  const at = lines.indexOf(`${command} () `);
  const end = lines.indexOf('}', at);
  if (at >= 0 && end > at) yield `${lines.slice(at, end + 1).join('\n')}\n`;
}
/** The commands that an alias runs. */
const behindAlias = (line: string): string[] => line.replace(/^[^=]*=/, '').replaceAll(/^['"]|['"]$/g, '').split(/[|&;]+/).map(part => part.trim().split(/\s/)[0]!).filter(word => word !== '');
