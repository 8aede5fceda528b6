/** Shells that are processes of their own: subshells, `bash`, `exec`, scripts. See ../rewrite.ts. */
import type { Command, ExecResult, ResolvedCommandContext } from 'just-bash';
import type { Process } from '../../process.js';
import { BASH_PATH } from '../../system.js';
import { execute, runScript, sinkOf } from '../execute.js';
import { parseScript } from '../parse-script.js';
import type { Shell } from '../shell.js';
import { builtin, ended } from './builtin.js';

/** Variables that a shell makes itself, so that a copy must not be told. */
const OWN_VARIABLES = new Set(['BASHOPTS', 'SHELLOPTS', 'BASH_VERSINFO', 'BASHPID', 'EUID', 'UID', 'PPID']);

/** What makes a new shell a copy: the arguments of __pmkit_bg and __pmkit_sub behind the number of the tree. */
export function preludeOf([variables = '', options = '']: readonly string[]): string {
  const declared = variables.split('\n').filter(line => {
    const name = /^declare -\S+ ([A-Za-z_]\w*)/.exec(line)?.[1];
    return name !== undefined && !OWN_VARIABLES.has(name);
  });
  const lines = declared.flatMap(line => {
    // just-bash forgets the quotes inside `declare -a name=(…)`, but not inside `name=(…)`
    const [, flags, name, value] = /^declare (-\S+) ([A-Za-z_]\w*)=(\(.*)$/s.exec(line) ?? [];
    return value === undefined ? [line] : [`declare ${flags!.replace('r', '')} ${name!}`, `${name!}=${value}`, ...(flags!.includes('r') ? [`readonly ${name!}`] : [])];
  });
  // errexit and its like last: they are not meant for the prelude itself
  const set = options.split('\n').filter(line => line.startsWith('set -o '));
  return [...lines, set.join('; ')].join('\n');
}

/** A copy of a shell in a process that was forked from it. */
export function copyOf(shell: Shell, p: Process, sink: Shell['sink']): Shell {
  return shell.another({ process: p, sink, store: shell.store, functions: shell.functions, name: shell.name, dollar: shell.dollar });
}

export function processBuiltins(shell: Shell): Command[] {
  const bash = (name: string): Command => builtin(shell, name, (args, ctx) => runBash(shell, [name, ...args], ctx));
  return [
    builtin(shell, '__pmkit_sub', ([number, variables = '', options = '', ...args], ctx) =>
      shell.externals.inProcess([shell.name], ctx, p =>
        copyOf(shell, p, sinkOf(p)).runTree(shell.store.get(Number(number)), { args, prelude: preludeOf([variables, options]), last: true }))),
    builtin(shell, '__pmkit_run', (args, ctx) => shell.externals.run(args, ctx)),
    builtin(shell, '__pmkit_exec', async (args, ctx) => {
      const p = shell.process;
      const { stdout, stderr } = p;
      shell.ending = true;
      const exitCode = await shell.externals.exec(p, args, ctx);
      const printed = ended(exitCode, p.stdout.slice(stdout.length), p.stderr.slice(stderr.length));
      Object.assign(p, { stdout, stderr });
      return printed;
    }),
    bash('bash'),
    bash('sh'),
  ];
}

interface BashOptions { command: string | null; readonly settings: string[]; readonly rest: readonly string[]; help: boolean; version: boolean; noexec: boolean; stdin: boolean }

/** Options of bash itself: those before the script. null: an option it does not know, which `unknown` is told of. */
function parseOptions(args: readonly string[], unknown: (option: string) => void): BashOptions | null {
  const settings: string[] = [];
  const parsed = { command: null as string | null, settings, rest: [] as readonly string[], help: false, version: false, noexec: false, stdin: false };
  let wantsCommand = false;
  let at = 0;
  for (; at < args.length; at++) {
    const arg = args[at]!;
    if (arg === '--' || arg === '-') { at++; break; }
    if (!/^[-+]./.test(arg)) break;
    if (arg === '--help') parsed.help = true;
    else if (arg === '--version') parsed.version = true;
    else if (/^--(login|norc|noprofile|posix|noediting)$/.test(arg)) continue;
    else if (arg.startsWith('--')) { unknown(arg); return null; }
    else {
      for (const letter of arg.slice(1)) {
        if (letter === 'c') wantsCommand = true;
        else if (letter === 's') parsed.stdin = true;
        else if (letter === 'n') parsed.noexec = true;
        else if (letter === 'o') settings.push(`set ${arg[0]!}o ${args[++at] ?? ''}`);
        else if ('abefhkmptuvxBCEHP'.includes(letter)) settings.push(`set ${arg[0]!}${letter}`);
        else if (!'ilr'.includes(letter)) { unknown(`${arg[0]!}${letter}`); return null; }
      }
    }
  }
  const rest = args.slice(at);
  if (wantsCommand) parsed.command = rest[0] ?? null;
  if (wantsCommand && rest[0] === undefined) { unknown('-c: option requires an argument'); return null; }
  return { ...parsed, rest: wantsCommand ? rest.slice(1) : rest };
}

/** bash [-c COMMAND] [SCRIPT] [ARGS]: a new shell, that knows of this one what is exported. */
function runBash(shell: Shell, argv: readonly string[], ctx: ResolvedCommandContext): Promise<ExecResult> | ExecResult {
  const [name = 'bash', ...args] = argv;
  let complaint = '';
  const options = parseOptions(args, option => { complaint = option; });
  if (options === null) return ended(2, '', complaint.includes(' ') ? `${name}: ${complaint}\n` : `${name}: ${complaint}: invalid option\n`);
  if (options.help || options.version) return ended(0, 'GNU bash as just-bash has it, on the simulated machine. bash [-abefhkmnptuvxBCEHPs] [-o option] [-c command | script] [arguments]\n');
  return shell.externals.inProcess(argv, ctx, p => execute(p, BASH_PATH, argv, async () => {
    const prelude = options.settings.join('\n');
    const [first, ...rest] = options.rest;
    if (options.command !== null) return runScript(shell, p, options.command, { name: first ?? name, args: rest, prelude, last: true });
    const script = options.stdin || first === undefined ? p.stdin : await scriptText(shell, p, first);
    if (script === null) return 127;
    if (options.noexec) return syntaxOf(p, script, first ?? name);
    return runScript(shell, p, script, { name: options.stdin || first === undefined ? name : first, args: options.stdin ? options.rest : rest, prelude });
  }));
}

async function scriptText(shell: Shell, p: Process, file: string): Promise<string | null> {
  const { fs } = shell.files;
  const path = fs.resolvePath(p.cwd, file);
  if (!(await fs.exists(path))) {
    p.err(`bash: ${file}: No such file or directory\n`);
    return null;
  }
  return shell.files.readScript(path);
}

/** bash -n */
function syntaxOf(p: Process, text: string, name: string): number {
  try {
    parseScript(text);
    return 0;
  } catch (error) {
    p.err(`${name}: ${(error as Error).message}\n`);
    return 2;
  }
}

