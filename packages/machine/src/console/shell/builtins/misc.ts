/** The shell's own time and chance, which are the simulated machine's, and its limits. See ../rewrite.ts. */
import {
  RLIM_INFINITY, RLIMIT_AS, RLIMIT_CORE, RLIMIT_CPU, RLIMIT_DATA, RLIMIT_FSIZE, RLIMIT_MEMLOCK, RLIMIT_NOFILE, RLIMIT_NPROC, RLIMIT_RSS, RLIMIT_SIGPENDING, RLIMIT_STACK,
} from '@pmkit/mm-core/include/linux/resource';
import type { Command, ExecResult } from 'just-bash';
import { timeOfDay } from '../../files/clock.js';
import type { Shell } from '../shell.js';
import { builtin, ended, failed, said } from './builtin.js';

export function miscBuiltins(shell: Shell): Command[] {
  const clock = new Clock(shell);
  return [
    builtin(shell, '__pmkit_time', ([argument]) => clock.time(argument)),
    builtin(shell, '__pmkit_clock', ([name = '']) => ended(0, `${clock.variable(name)}\n`)),
    builtin(shell, 'times', () => said(shell, 0, '0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n')),
    builtin(shell, 'umask', ([mode]) => (mode === undefined || Number.parseInt(mode, 8) === 0o022 ? said(shell, 0, mode === undefined ? '0022\n' : '') : failed(shell, 'umask: every task of the simulated kernel has 0022'))),
    builtin(shell, 'ulimit', args => ulimit(shell, args)),
  ];
}

/** Time as the shell shows it: that of the simulated machine, which passes only while somebody waits or computes. */
class Clock {
  readonly #shell: Shell;
  readonly #started: number;
  /** Beginnings of the `time`s that are under way, and whether each wants POSIX's form. */
  readonly #timed: { readonly from: number; readonly posix: boolean }[] = [];
  #random = 1;

  constructor(shell: Shell) {
    this.#shell = shell;
    this.#started = shell.box.k.m.now;
  }

  /** Without a number `time` begins; with one, the status of what was timed, it ends. */
  time(argument: string | undefined): ExecResult {
    const { now } = this.#shell.box.k.m;
    if (argument === undefined || argument === '-p') {
      this.#timed.push({ from: now, posix: argument === '-p' });
      return ended(0);
    }
    const { from, posix } = this.#timed.pop() ?? { from: now, posix: false };
    const seconds = (now - from) / 1000;
    const real = `${Math.floor(seconds / 60)}m${(seconds % 60).toFixed(3)}s`;
    return said(this.#shell, Number(argument), '', posix ? `real ${seconds.toFixed(2)}\nuser 0.00\nsys 0.00\n` : `\nreal\t${real}\nuser\t0m0.000s\nsys\t0m0.000s\n`);
  }

  variable(name: string): string {
    const { m } = this.#shell.box.k;
    switch (name) {
      case 'BASHPID': return String(this.#shell.process.pid);
      case 'SECONDS': return String(Math.floor((m.now - this.#started) / 1000));
      case 'EPOCHSECONDS': return String(Math.floor(timeOfDay(m) / 1000));
      case 'EPOCHREALTIME': return (timeOfDay(m) / 1000).toFixed(6);
      default: // RANDOM: bash's own generator (Park and Miller's), always with the same seed
        this.#random = (this.#random * 16807) % 2147483647;
        return String(this.#random & 0x7fff);
    }
  }
}

interface Limit { readonly letter: string; readonly text: string; readonly resource: number; readonly unit: number }
/** In the order of `ulimit -a`; units in bytes, as bash has them. */
const LIMITS: readonly Limit[] = [
  { letter: 'c', text: 'core file size          (blocks, -c)', resource: RLIMIT_CORE, unit: 1024 },
  { letter: 'd', text: 'data seg size           (kbytes, -d)', resource: RLIMIT_DATA, unit: 1024 },
  { letter: 'f', text: 'file size               (blocks, -f)', resource: RLIMIT_FSIZE, unit: 1024 },
  { letter: 'i', text: 'pending signals                 (-i)', resource: RLIMIT_SIGPENDING, unit: 1 },
  { letter: 'l', text: 'max locked memory       (kbytes, -l)', resource: RLIMIT_MEMLOCK, unit: 1024 },
  { letter: 'm', text: 'max memory size         (kbytes, -m)', resource: RLIMIT_RSS, unit: 1024 },
  { letter: 'n', text: 'open files                      (-n)', resource: RLIMIT_NOFILE, unit: 1 },
  { letter: 's', text: 'stack size              (kbytes, -s)', resource: RLIMIT_STACK, unit: 1024 },
  { letter: 't', text: 'cpu time               (seconds, -t)', resource: RLIMIT_CPU, unit: 1 },
  { letter: 'u', text: 'max user processes              (-u)', resource: RLIMIT_NPROC, unit: 1 },
  { letter: 'v', text: 'virtual memory          (kbytes, -v)', resource: RLIMIT_AS, unit: 1024 },
];

/** ulimit [-SHa] [-LETTER] [LIMIT] */
async function ulimit(shell: Shell, args: readonly string[]): Promise<ExecResult> {
  const letters = args.filter(arg => arg.startsWith('-')).join('').replaceAll('-', '');
  const value = args.find(arg => !arg.startsWith('-'));
  const hard = letters.includes('H');
  const both = !hard && !letters.includes('S');
  const rlim = { rlim_cur: 0, rlim_max: 0 };
  const shown = async ({ resource, unit }: Limit): Promise<string> => {
    await shell.process.sys('getrlimit', resource, rlim);
    const limit = hard ? rlim.rlim_max : rlim.rlim_cur;
    return limit === RLIM_INFINITY ? 'unlimited' : String(Math.floor(limit / unit));
  };
  if (letters.includes('a')) {
    let text = '';
    for (const limit of LIMITS) text += `${limit.text} ${await shown(limit)}\n`;
    return said(shell, 0, text);
  }
  const letter = letters.replaceAll(/[SH]/g, '') || 'f';
  const limit = LIMITS.find(candidate => candidate.letter === letter);
  if (limit === undefined) return failed(shell, `ulimit: -${letter}: invalid option`, 2);
  if (value === undefined) return said(shell, 0, `${await shown(limit)}\n`);
  await shell.process.sys('getrlimit', limit.resource, rlim);
  const bytes = value === 'unlimited' ? RLIM_INFINITY : value === 'hard' ? rlim.rlim_max : value === 'soft' ? rlim.rlim_cur : /^\d+$/.test(value) ? Number(value) * limit.unit : null;
  if (bytes === null) return failed(shell, `ulimit: ${value}: invalid number`);
  const error = await shell.process.sys('setrlimit', limit.resource, { rlim_cur: hard ? rlim.rlim_cur : bytes, rlim_max: hard || both ? bytes : rlim.rlim_max });
  if (error === 0) return ended(0);
  return failed(shell, `ulimit: ${limit.text.replace(/ {2,}.*/, '')}: cannot modify limit: ${shell.process.strerror(error)}`);
}
