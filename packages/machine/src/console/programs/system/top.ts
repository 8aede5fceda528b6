/** top -b: what the machine and its processes do, again and again (procps 3.2). */
import { timeOfDay } from '../../files/clock.js';
import type { Process } from '../../process.js';
import { readText } from '../numa/libnuma/host.js';
import { Accounts } from './accounts.js';
import { defineProgram, helpOf, parseOptions, type Definition, type Parsed } from './define.js';
import { duration } from './duration.js';
import { memoryOf, processes, type Proc } from './proc.js';
import { upTime } from './time.js';

const TOP: Definition = {
  path: '/usr/bin/top', summary: 'show processes and memory again and again', synopsis: ['top -b [-n COUNT] [-d DELAY] [-p PID,...] [-u USER]'],
  description: 'Prints a summary of the machine and its processes, those with most memory first, every DELAY (3) simulated seconds.',
  options: [['-b', 'as text: the console has no screen for programs'], ['-n COUNT', 'so many times; for ever if nothing is said'], ['-d DELAY', 'seconds in between'], ['-p PID,...', 'these processes'], ['-u USER', 'this user\'s processes']],
  notes: ['No time is spent on a CPU in the simulated kernel: the original\'s order, by CPU, is one by memory here.'],
  run,
};
export const top = defineProgram(TOP);

async function run(p: Process): Promise<number> {
  const parsed = parseOptions(p, 'bn:d:p:u:ciSH');
  if (parsed === null) return 1;
  if (parsed.has('help')) {
    p.out(helpOf(TOP));
    return 0;
  }
  if (!parsed.has('b')) return p.fail('failed tty get');
  const count = parsed.value('n') === undefined ? Infinity : Number(parsed.value('n'));
  const delay = duration(parsed.value('d') ?? '3');
  if (!(Number.isInteger(count) || count === Infinity) || count < 1) return p.fail(`bad iterations argument '${parsed.value('n')!}'`);
  if (delay === null || delay <= 0) return p.fail(`bad delay interval '${parsed.value('d')!}'`);
  for (let i = 0; i < count; i++) {
    if (i > 0) {
      p.out('\n');
      await p.sleep(delay);
    }
    const exitCode = await printOnce(p, parsed);
    if (exitCode !== 0) return exitCode;
  }
  return 0;
}

async function printOnce(p: Process, parsed: Parsed): Promise<number> {
  const accounts = await Accounts.read(p);
  const user = parsed.value('u');
  const uid = user === undefined ? undefined : accounts.user(user)?.uid;
  if (user !== undefined && uid === undefined) return p.fail(`Invalid user '${user}'`);
  const meminfo = await readText(p, '/proc/meminfo');
  if (typeof meminfo === 'number') return p.fail(`/proc/meminfo: ${p.strerror(meminfo)}`);
  const all = await processes(p);
  p.out(`${summary(p, all, meminfo)}\n  PID USER      PR  NI  VIRT  RES  SHR S %CPU %MEM    TIME+  COMMAND\n`);
  const pids = parsed.value('p')?.split(',').map(Number);
  const shown = all.filter(proc => (uid === undefined || proc.uid[1] === uid) && (pids === undefined || pids.includes(proc.pid)));
  for (const proc of [...shown].sort((a, b) => b.rss - a.rss || a.pid - b.pid)) p.out(await line(p, proc, accounts, memoryOf(meminfo, 'MemTotal')));
  return 0;
}

function summary(p: Process, all: readonly Proc[], meminfo: string): string {
  const { m } = p.box.k;
  const count = (states: string): string => String(all.filter(({ state }) => states.includes(state)).length).padStart(3);
  const of = (name: string): number => memoryOf(meminfo, name);
  const kb = (value: number): string => `${String(value).padStart(8)}k`;
  return `top - ${new Date(timeOfDay(m)).toISOString().slice(11, 19)} up ${upTime(Math.floor(m.now / 1000))},  1 user,  load average: 0.00, 0.00, 0.00\n`
    + `Tasks: ${String(all.length).padStart(3)} total, ${count('R')} running, ${count('SD')} sleeping, ${count('T')} stopped, ${count('Z')} zombie\n`
    + 'Cpu(s):  0.0% us,  0.0% sy,  0.0% ni, 100.0% id,  0.0% wa,  0.0% hi,  0.0% si\n'
    + `Mem:  ${kb(of('MemTotal'))} total, ${kb(of('MemTotal') - of('MemFree'))} used, ${kb(of('MemFree'))} free, ${kb(of('Buffers'))} buffers\n`
    + `Swap: ${kb(of('SwapTotal'))} total, ${kb(of('SwapTotal') - of('SwapFree'))} used, ${kb(of('SwapFree'))} free, ${kb(of('Cached'))} cached\n`;
}

/** scale_num(): kilobytes that fit in the column, or megabytes or gigabytes with a letter. */
function scaled(kilobytes: number, width: number): string {
  let [value, unit] = [kilobytes, ''];
  for (const next of ['m', 'g', 't']) if (`${Math.floor(value)}${unit}`.length > width) [value, unit] = [value / 1024, next];
  return `${Math.floor(value)}${unit}`.padStart(width);
}

async function line(p: Process, proc: Proc, accounts: Accounts, total: number): Promise<string> {
  const page = p.box.k.m.PAGE_SIZE / 1024;
  const statm = await readText(p, `/proc/${proc.pid}/statm`);
  const shared = typeof statm === 'number' ? 0 : Number(statm.split(' ')[2]);
  const user = (accounts.userName(proc.uid[1] ?? 0) ?? String(proc.uid[1])).slice(0, 8).padEnd(8);
  const memory = ((proc.rss * page * 100) / total).toFixed(1);
  return `${String(proc.pid).padStart(5)} ${user}  ${String(proc.priority).padStart(2)} ${String(proc.nice).padStart(3)}  ${scaled(proc.vsize / 1024, 4)} ${scaled(proc.rss * page, 4)} ${scaled(shared * page, 4)} ${proc.state}  0.0 ${memory.padStart(4)}   0:00.00 ${proc.comm}\n`;
}
