/** bash and sh: their options, and where the script comes from. */
import type { Process } from '../process.js';
import { BASH_PATH } from '../system.js';
import { execute, runScript } from './execute.js';
import { parseScript } from './parse-script.js';
import type { Shell } from './shell.js';

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

/** bash [-c COMMAND] [SCRIPT] [ARGS]: the process becomes a new shell, that knows of `parent` what is exported. */
export async function runBash(parent: Shell, p: Process, argv: readonly string[]): Promise<number> {
  const [name = 'bash', ...args] = argv;
  let complaint = '';
  const options = parseOptions(args, option => { complaint = option; });
  return execute(p, BASH_PATH, argv, async () => {
    if (options === null) {
      p.err(complaint.includes(' ') ? `${name}: ${complaint}\n` : `${name}: ${complaint}: invalid option\n`);
      return 2;
    }
    if (options.help || options.version) {
      p.out('GNU bash as just-bash has it, on the simulated machine. bash [-abefhkmnptuvxBCEHPs] [-o option] [-c command | script] [arguments]\n');
      return 0;
    }
    const prelude = options.settings.join('\n');
    const [first, ...rest] = options.rest;
    if (options.command !== null) return runScript(parent, p, options.command, { name: first ?? name, args: rest, prelude, last: true });
    const script = options.stdin || first === undefined ? await p.input() : await scriptText(p, first);
    if (script === null) return 127;
    if (options.noexec) return syntaxOf(p, script, first ?? name);
    return runScript(parent, p, script, { name: options.stdin || first === undefined ? name : first, args: options.stdin ? options.rest : rest, prelude });
  });
}

async function scriptText(p: Process, file: string): Promise<string | null> {
  if (p.exists(file)) return p.readFile(file);
  p.err(`bash: ${file}: No such file or directory\n`);
  return null;
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

