/**
 * kill: the command line that bash's builtin and the program have in common, and their texts where they differ (bash 5.x builtins/kill.def,
 * util-linux misc-utils/kill.c).
 */
import { signalName, signalNumber, SIGNALS } from '../../signals.js';

/** Who runs the command: it sends the signals and prints. */
export interface KillHost {
  /** The shell's builtin, whose messages begin with this (`bash`); null for the program. */
  readonly shell: string | null;
  /** kill(2) of the caller: 0 or a negative errno. */
  send(pid: number, signal: number): Promise<number>;
  /** strerror() of a negative errno. */
  strerror(result: number): string;
  /** Processes of a job (`%1`), for the shell; undefined for none. */
  job?(spec: string): readonly number[] | undefined;
  /** Processes of that name, for the program; the shell takes numbers and jobs only. */
  named?(name: string): Promise<readonly number[]>;
  out(text: string): void;
  err(text: string): void;
}

const SHELL_USAGE = 'kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n';
export const KILL_SYNOPSIS = ['kill [-SIGNAL | -s SIGNAL] PID|NAME...', 'kill -l [SIGNAL]', 'kill -L'] as const;

const USE = 'usage';
/** A signal and whom to send it to, a list to print, or what is wrong. */
type Order = { readonly signal: number; readonly targets: readonly string[] } | { readonly list: readonly string[] } | { readonly table: true } | { readonly wrong: string };

function readOrder(args: readonly string[], shell: boolean): Order {
  const [first = '', second] = args;
  if (first === '') return { wrong: USE };
  if (first === '-l' || first === '--list') return { list: args.slice(1) };
  if (first.startsWith('--list=')) return { list: [first.slice('--list='.length)] };
  if (first === '-L' || first === '--table') return shell ? { list: args.slice(1) } : { table: true };
  let word = 'TERM';
  let rest = args;
  const long = /^--signal(?:=(.*))?$/.exec(first);
  if (first === '-s' || first === '-n' || (!shell && long !== null && long[1] === undefined)) {
    if (second === undefined) return { wrong: `${first}: option requires an argument` };
    word = second;
    rest = args.slice(2);
  } else if (!shell && long !== null) {
    word = long[1]!;
    rest = args.slice(1);
  } else if (first !== '--' && first !== '-' && first.startsWith('-')) {
    word = first.slice(1);
    rest = args.slice(1);
  }
  const signal = signalNumber(word);
  if (signal === undefined) return { wrong: `${word}: invalid signal specification` };
  const targets = rest[0] === '--' ? rest.slice(1) : rest;
  return targets.length === 0 ? { wrong: USE } : { signal, targets };
}

/** @param args without the command. @returns the exit code. */
export async function killCommand(host: KillHost, args: readonly string[]): Promise<number> {
  const order = readOrder(args, host.shell !== null);
  if ('wrong' in order) {
    if (order.wrong !== USE) host.err(host.shell === null ? `kill: ${programText(order.wrong)}\n` : `${host.shell}: kill: ${order.wrong}\n`);
    else host.err(host.shell === null ? 'kill: not enough arguments\n' : SHELL_USAGE);
    return host.shell === null || order.wrong !== USE ? 1 : 2;
  }
  if ('list' in order) return list(host, order.list);
  if ('table' in order) {
    host.out(programTable());
    return 0;
  }
  return sendAll(host, order.signal, order.targets);
}

/** util-linux says it the other way round. */
function programText(wrong: string): string {
  const [subject, text] = wrong.split(': ');
  return text === 'invalid signal specification' ? `unknown signal: ${subject}` : `${text} -- '${subject!.replace(/^-+/, '')}'`;
}

async function sendAll(host: KillHost, signal: number, targets: readonly string[]): Promise<number> {
  let failures = 0;
  let sent = 0;
  for (const target of targets) {
    const pids = await pidsOf(host, target);
    if (pids === null) failures++;
    for (const pid of pids ?? []) {
      const result = await host.send(pid, signal);
      if (result === 0) sent++;
      else {
        failures++;
        host.err(host.shell === null ? `kill: sending signal to ${target} failed: ${host.strerror(result)}\n` : `${host.shell}: kill: (${pid}) - ${host.strerror(result)}\n`);
      }
    }
  }
  // the builtin succeeds with any of them; the program has 64 for "some"
  if (host.shell !== null) return sent > 0 ? 0 : 1;
  return failures === 0 ? 0 : sent > 0 ? 64 : 1;
}

/** null when it is nothing that a signal could be sent to: that has been printed. */
async function pidsOf(host: KillHost, target: string): Promise<readonly number[] | null> {
  if (/^-?\d+$/.test(target)) return [Number(target)];
  if (host.shell === null) {
    const pids = await host.named?.(target) ?? [];
    if (pids.length > 0) return pids;
    host.err(`kill: cannot find process "${target}"\n`);
    return null;
  }
  const job = target.startsWith('%') ? host.job?.(target) : undefined;
  if (job !== undefined) return job;
  host.err(target.startsWith('%') ? `${host.shell}: kill: ${target}: no such job\n` : `${host.shell}: kill: ${target}: arguments must be process or job IDs\n`);
  return null;
}

/** -l: all signals, or the other name of each: TERM for 15, 15 for TERM; an exit status above 128 is the signal it tells of. */
function list(host: KillHost, words: readonly string[]): number {
  if (words.length === 0) {
    host.out(host.shell === null ? `${SIGNALS.map(([, name]) => name).join(' ')}\n` : shellTable());
    return 0;
  }
  let exitCode = 0;
  for (const word of words) {
    const status = /^\d+$/.test(word) ? Number(word) : null;
    const name = status === null ? undefined : signalName(status > 128 ? status - 128 : status);
    const number = status === null ? signalNumber(word) : undefined;
    if (name !== undefined) host.out(`${name}\n`);
    else if (number !== undefined) host.out(`${number}\n`);
    else {
      exitCode = 1;
      host.err(host.shell === null ? `kill: unknown signal: ${word}\n` : `${host.shell}: kill: ${word}: invalid signal specification\n`);
    }
  }
  return exitCode;
}
/** bash's five columns. */
const shellTable = (): string =>
  SIGNALS.map(([number, name], i) => `${String(number).padStart(2)}) SIG${name}${i % 5 === 4 || i === SIGNALS.length - 1 ? '\n' : '\t'}`).join('');
/** util-linux's seven columns of -L. */
const programTable = (): string => SIGNALS.map(([number, name], i) => {
  const last = i % 7 === 6 || i === SIGNALS.length - 1;
  return `${String(number).padStart(2)} ${last ? `${name}\n` : name.padEnd(8)}`;
}).join('');
