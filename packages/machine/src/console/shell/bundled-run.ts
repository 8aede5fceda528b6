/**
 * Commands of just-bash's, run as processes: each in an interpreter of its own that knows nothing else. They take all of their input as one string, so one that
 * reads waits for its end; and what they print is there when they end. Those that do not read must not wait: which are those, their arguments say.
 */
import { Bash, defineCommand, latin1FromBytes, stdoutAsBytes, type CommandName, type ExecResult } from 'just-bash';
import { BUILT_IN_PATHS, BUNDLED_PATHS } from '../bundled.js';
import { BashFs } from '../files/index.js';
import { runChild } from '../launch.js';
import type { Process } from '../process.js';
import { grepZ, wantsNul } from './grep-z.js';
import { endedEarly } from './interpreter-errors.js';
import { LIMITS } from './limits.js';
import { runMended } from './mended.js';

/** Of a filter: options that take an argument, and operands before those that are files; `script` is an option in place of the latter. */
interface Filter { readonly taking: string; readonly before?: number; readonly script?: RegExp }
const GREP: Filter = { taking: 'efmABCD', before: 1, script: /^(?:-\w*[ef]|--regexp|--file)/ };
const FILTERS: Readonly<Record<string, Filter>> = {
  awk: { taking: 'Fvf', before: 1, script: /^-f/ }, base64: { taking: 'w' }, cat: { taking: '' }, column: { taking: 'csoN' }, comm: { taking: '' }, egrep: GREP, expand: { taking: 't' }, fgrep: GREP,
  fold: { taking: 'w' }, grep: GREP, gunzip: { taking: 'S' }, gzip: { taking: 'S' }, head: { taking: 'nc' }, join: { taking: '12aveotj' }, jq: { taking: 'f', before: 1, script: /^(?:-f|--from-file)/ }, md5sum: { taking: '' },
  nl: { taking: 'bfhilnsvwd' }, od: { taking: 'AjNtw' }, paste: { taking: 'd' }, rev: { taking: '' }, rg: { ...GREP, taking: 'efmABCgtT' }, sed: { taking: 'efl', before: 1, script: /^(?:-\w*[ef]|--expression|--file)/ }, sha1sum: { taking: '' }, sha256sum: { taking: '' },
  sort: { taking: 'kotST' }, split: { taking: 'abCln' }, strings: { taking: 'nte' }, tac: { taking: 's' }, tail: { taking: 'nc' }, tr: { taking: '', before: 2 }, unexpand: { taking: 't' }, uniq: { taking: 'fsw' }, wc: { taking: '' }, zcat: { taking: '' },
};
/** Those that may run others. */
const RUNNERS = new Set(['awk', 'env', 'find', 'nohup', 'time', 'timeout', 'xargs']);

/** Whether a command with these arguments reads its standard input. */
function readsInput(name: string, args: readonly string[]): boolean {
  if (name === 'tar') return args.includes('-');
  if (name === 'tr' || name === 'xargs') return true;
  const filter = FILTERS[name];
  if (filter === undefined) return false;
  const operands: string[] = [];
  let before = filter.before ?? 0;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    if (arg === '--') {
      operands.push(...args.slice(at + 1));
      break;
    }
    if (arg === '-' || !arg.startsWith('-')) {
      operands.push(arg);
      continue;
    }
    if (filter.script?.test(arg) === true) before = 0;
    const taking = arg.startsWith('--') ? -1 : Array.from(arg.slice(1)).findIndex(letter => filter.taking.includes(letter));
    if (taking >= 0 && taking === arg.length - 2) at++;
  }
  const files = operands.slice(before);
  return files.length === 0 || files.includes('-');
}

/** main() of a command of just-bash's. */
export async function runBundled(p: Process, name: string, args: readonly string[]): Promise<number> {
  if (name === 'grep' && wantsNul(args)) return grepZ(p, args);
  let own: ExecResult = { stdout: '', stderr: '', exitCode: 0 };
  const command = defineCommand(name, async (given, ctx) => {
    own = await runMended(p, name, given, list => ctx.origCommand!(list)).catch((error: unknown) => endedEarly(name, error));
    return { ...own, stdout: '', stderr: '' };
  });
  const bash = new Bash({
    fs: new BashFs(p.box, () => p), cwd: p.cwd, env: { PATH: '/usr/bin:/bin', ...Object.fromEntries(p.env) }, executionLimits: LIMITS, defenseInDepth: false, commands: [name as CommandName], customCommands: RUNNERS.has(name) ? [...children(p, name), command] : [command],
  });
  const stdin = readsInput(name, args) ? Buffer.from(await p.inputBytes()).toString('latin1') : '';
  const abort = new AbortController();
  const stop = (): void => { abort.abort(); };
  p.box.atPowerOff.add(stop);
  const { exitCode } = await bash.exec(name, { args: [...args], rawScript: true, stdin, stdinKind: 'bytes', signal: abort.signal });
  p.box.atPowerOff.delete(stop);
  p.out(Buffer.from(latin1FromBytes(stdoutAsBytes(own)), 'latin1'));
  p.err(own.stderr);
  return exitCode;
}

/** All other commands, for one that runs them: each is a process. */
const children = (p: Process, name: string): ReturnType<typeof defineCommand>[] => [...new Set([...p.box.programs.keys(), ...BUNDLED_PATHS.keys(), ...BUILT_IN_PATHS.keys(), 'bash', 'sh'])].filter(other => other !== name)
  .map(other => defineCommand(other, async args => ({ stdout: '', stderr: '', exitCode: await runChild(p, [other, ...args]) })));
