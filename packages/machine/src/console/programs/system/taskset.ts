/** taskset (util-linux schedutils/taskset.c): which CPUs a process may run on. */
import { formatList } from '@pmkit/mm-core/model/number-list';
import type { Process } from '../../process.js';
import { readNames } from '../numa/libnuma/host.js';
import { getaffinity } from './affinity.js';
import { defineProgram, helpOf, none, parseOptions } from './define.js';

/** `3`, `0-3`, `0-7:2`, joined by commas. null: not a list. */
function parseCpuList(text: string): readonly number[] | null {
  const cpus = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^(\d+)(?:-(\d+)(?::(\d+))?)?$/.exec(part);
    if (match === null) return null;
    const [from, to, step] = [Number(match[1]), Number(match[2] ?? match[1]), Number(match[3] ?? 1)];
    if (to < from || step === 0 || to >= MAX_CPUS) return null;
    for (let cpu = from; cpu <= to; cpu += step) cpus.add(cpu);
  }
  return [...cpus].sort((a, b) => a - b);
}

/** A hexadecimal mask, with or without 0x and commas. null: not one. */
function parseCpuMask(text: string): readonly number[] | null {
  const digits = text.replace(/^0x/i, '').replaceAll(',', '');
  if (!/^[\da-f]+$/i.test(digits) || digits.length * 4 > MAX_CPUS) return null;
  const cpus: number[] = [];
  const mask = BigInt(`0x${digits}`);
  for (let cpu = 0; cpu < digits.length * 4; cpu++) if ((mask & (1n << BigInt(cpu))) !== 0n) cpus.push(cpu);
  return cpus;
}
const MAX_CPUS = 4096;

function maskText(cpus: readonly number[]): string {
  let mask = 0n;
  for (const cpu of cpus) mask |= 1n << BigInt(cpu);
  return mask.toString(16);
}

const TASKSET = {
  path: '/usr/bin/taskset', summary: 'set or print the CPUs that a process may run on', synopsis: ['taskset [-c] MASK|LIST COMMAND [ARG]...', 'taskset -p [-c] [-a] [MASK|LIST] PID'],
  description: 'Runs a command that may run on some CPUs only, or changes or prints that of a process. CPUs are a hexadecimal mask, or with -c a list such as 0,4-7. Memory does not follow the process.',
  options: [['-p, --pid', 'an existing process'], ['-c, --cpu-list', 'CPUs are a list'], ['-a, --all-tasks', 'all threads of the process']] as const,
};
export const taskset = defineProgram({
  ...TASKSET,
  async run(p) {
    const parsed = parseOptions(p, '+pcaV', [none('pid', 'p'), none('cpu-list', 'c'), none('all-tasks', 'a')]);
    if (parsed === null) return 1;
    if (parsed.has('help')) {
      p.out(helpOf(TASKSET));
      return 0;
    }
    const { operands } = parsed;
    const list = parsed.has('c');
    if (operands.length < (parsed.has('p') ? 1 : 2)) return p.fail(`bad usage\nTry '${p.name} --help' for more information.`);
    const text = parsed.has('p') && operands.length === 1 ? undefined : operands[0]!;
    const cpus = text === undefined ? undefined : list ? parseCpuList(text) : parseCpuMask(text);
    if (cpus === null) return p.fail(`failed to parse CPU ${list ? 'list' : 'mask'}: ${text!}`);
    if (!parsed.has('p')) {
      const result = await p.sys('sched_setaffinity', 0, cpus!);
      return result === 0 ? p.exec(operands.slice(1)) : p.fail(`failed to set pid ${p.pid}'s affinity: ${p.strerror(result)}`);
    }
    const pid = operands[text === undefined ? 0 : 1]!;
    if (!/^\d+$/.test(pid)) return p.fail(`invalid PID argument: '${pid}'`);
    for (const target of parsed.has('a') ? await threadIds(p, Number(pid)) : [Number(pid)]) {
      const exitCode = await ofProcess(p, target, cpus, list);
      if (exitCode !== 0) return exitCode;
    }
    return 0;
  },
});

async function threadIds(p: Process, pid: number): Promise<number[]> {
  const names = await readNames(p, `/proc/${pid}/task`);
  return typeof names === 'number' ? [pid] : names.map(Number).sort((a, b) => a - b);
}

async function ofProcess(p: Process, pid: number, cpus: readonly number[] | undefined, list: boolean): Promise<number> {
  const show = async (state: string): Promise<number> => {
    const found = await getaffinity(p, pid);
    if (typeof found === 'number') return p.fail(`failed to get pid ${pid}'s affinity: ${p.strerror(found)}`);
    p.out(`pid ${pid}'s ${state} affinity ${list ? `list: ${formatList(found)}` : `mask: ${maskText(found)}`}\n`);
    return 0;
  };
  const exitCode = await show('current');
  if (exitCode !== 0 || cpus === undefined) return exitCode;
  const result = await p.sys('sched_setaffinity', pid, cpus);
  return result === 0 ? show('new') : p.fail(`failed to set pid ${pid}'s affinity: ${p.strerror(result)}`);
}
