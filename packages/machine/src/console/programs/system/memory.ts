/** free and vmstat (procps 3.2), from /proc/meminfo, vmstat, stat and uptime. */
import type { Process } from '../../process.js';
import { readText } from '../numa/libnuma/host.js';
import { defineProgram, helpOf, none, parseOptions, required } from './define.js';
import { duration } from './duration.js';
import { memoryOf } from './proc.js';

const FREE = {
  path: '/usr/bin/free', summary: 'show how much memory is free and used', synopsis: ['free [-b|-k|-m|-g|-h] [-o] [-t] [-l] [-s DELAY [-c COUNT]]'],
  description: 'Shows memory and swap of the machine, in kilobytes if nothing else is said. The line -/+ buffers/cache counts the page cache as free.',
  options: [
    ['-b, -k, -m, -g, -h', 'bytes, kilobytes, megabytes, gigabytes; with a unit behind each'], ['-t, --total', 'a line with the sums'], ['-o', 'without the second line'], ['-l, --lohi', 'low and high memory too'],
    ['-s, --seconds DELAY', 'again and again, so many simulated seconds apart'], ['-c, --count N', 'so many times'],
  ] as const,
  notes: ['As in procps 3.2, which says shared 0, and does not know what is available. -h came later.'],
};
const SHIFTS: Readonly<Record<string, number>> = { b: -10, k: 0, m: 10, g: 20 };

/** Kilobytes in the unit chosen: whole units, as the original shifts them; or with -h three digits and a letter. */
function inUnit(kilobytes: number, unit: string): string {
  if (unit !== 'h') return String(Math.floor(kilobytes / 2 ** SHIFTS[unit]!));
  let [value, letter] = [kilobytes * 1024, 'B'];
  for (const next of ['K', 'M', 'G', 'T']) if (value >= 1024) [value, letter] = [value / 1024, next];
  return `${value < 10 && letter !== 'B' ? value.toFixed(1) : Math.round(value)}${letter}`;
}

export const free = defineProgram({
  ...FREE,
  async run(p) {
    const parsed = parseOptions(p, 'bkmghotls:c:', [none('bytes', 'b'), none('kilo', 'k'), none('mega', 'm'), none('giga', 'g'), none('human', 'h'), none('total', 't'), none('lohi', 'l'), required('seconds', 's'), required('count', 'c')]);
    if (parsed === null) return 1;
    if (parsed.has('help')) {
      p.out(helpOf(FREE));
      return 0;
    }
    const delay = parsed.value('s') === undefined ? null : duration(parsed.value('s')!);
    if (parsed.value('s') !== undefined && (delay === null || delay <= 0)) return p.fail(`seconds argument \`${parsed.value('s')!}' failed`);
    const count = parsed.value('c') === undefined ? Infinity : Number(parsed.value('c'));
    if (!(count >= 1)) return p.fail(`failed to parse count argument: '${parsed.value('c')!}'`);
    const unit = parsed.options.findLast(({ opt }) => 'bkmgh'.includes(opt))?.opt ?? 'k';
    const times = delay === null && count === Infinity ? 1 : count;
    for (let i = 0; i < times; i++) {
      if (i > 0) {
        p.out('\n');
        await p.sleep(delay ?? 1000);
      }
      const error = await printFree(p, unit, { old: parsed.has('o'), total: parsed.has('t'), lohi: parsed.has('l') });
      if (error !== 0) return error;
    }
    return 0;
  },
});

async function printFree(p: Process, unit: string, { old, total, lohi }: { old: boolean; total: boolean; lohi: boolean }): Promise<number> {
  const meminfo = await readText(p, '/proc/meminfo');
  if (typeof meminfo === 'number') return p.fail(`/proc/meminfo: ${p.strerror(meminfo)}`);
  const of = (name: string): number => memoryOf(meminfo, name);
  const row = (name: string, values: readonly number[]): string => `${name.padEnd(7)} ${values.map(value => inUnit(value, unit).padStart(10)).join(' ')}\n`;
  const memory = { total: of('MemTotal'), free: of('MemFree'), buffers: of('Buffers'), cached: of('Cached') };
  const used = memory.total - memory.free;
  const swap = { total: of('SwapTotal'), free: of('SwapFree') };
  p.out('             total       used       free     shared    buffers     cached\n');
  p.out(row('Mem:', [memory.total, used, memory.free, 0, memory.buffers, memory.cached]));
  if (lohi) for (const [name, kind] of [['Low:', 'Low'], ['High:', 'High']] as const) p.out(row(name, [of(`${kind}Total`), of(`${kind}Total`) - of(`${kind}Free`), of(`${kind}Free`)]));
  if (!old) p.out(`-/+ buffers/cache: ${inUnit(used - memory.buffers - memory.cached, unit).padStart(10)} ${inUnit(memory.free + memory.buffers + memory.cached, unit).padStart(10)}\n`);
  p.out(row('Swap:', [swap.total, swap.total - swap.free, swap.free]));
  if (total) p.out(row('Total:', [memory.total + swap.total, used + swap.total - swap.free, memory.free + swap.free]));
  return 0;
}

const VMSTAT = {
  path: '/usr/bin/vmstat', summary: 'show what memory, swap and disks do', synopsis: ['vmstat [-a] [-n] [DELAY [COUNT]]', 'vmstat -s'],
  description: 'The first line is averages since the machine was booted, each further one those of the last DELAY simulated seconds. Memory in kB; si, so, bi, bo in kB a second.',
  options: [['-a', 'inactive and active memory instead of buffers and cache'], ['-n', 'one heading only'], ['-s', 'the counters themselves']] as const,
  notes: ['The CPUs of the model are always idle; interrupts and context switches are not counted. Slabs, disks and partitions (-m, -d, -p) are not shown.'],
};
const HEADING_EVERY = 22;

interface Sample { readonly running: number; readonly blocked: number; readonly swapped: number; readonly meminfo: string; readonly counters: Readonly<Record<string, number>>; readonly seconds: number }

async function sample(p: Process): Promise<Sample | number> {
  const texts: string[] = [];
  for (const name of ['meminfo', 'vmstat', 'stat', 'uptime']) {
    const text = await readText(p, `/proc/${name}`);
    if (typeof text === 'number') return p.fail(`/proc/${name}: ${p.strerror(text)}`);
    texts.push(text);
  }
  const [meminfo = '', vmstat = '', stat = '', uptime = ''] = texts;
  const counters = Object.fromEntries(vmstat.split('\n').filter(line => line !== '').map(line => line.split(' ')).map(([name, value]) => [name!, Number(value)]));
  const procs = (name: string): number => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(stat)?.[1] ?? 0);
  return { meminfo, counters, running: procs('procs_running'), blocked: procs('procs_blocked'), swapped: memoryOf(meminfo, 'SwapTotal') - memoryOf(meminfo, 'SwapFree'), seconds: Number(uptime.split(' ')[0]) };
}

export const vmstat = defineProgram({
  ...VMSTAT,
  async run(p) {
    const parsed = parseOptions(p, 'anst', [none('active', 'a'), none('one-header', 'n'), none('stats', 's')]);
    if (parsed === null) return 1;
    if (parsed.has('help')) {
      p.out(helpOf(VMSTAT));
      return 0;
    }
    if (parsed.has('s')) return printCounters(p);
    const [delay, count] = parsed.operands.map(Number);
    if (parsed.operands.some(word => !/^\d+$/.test(word)) || delay === 0 || parsed.operands.length > 2) {
      p.err(`usage: ${VMSTAT.synopsis[0]!}\n`);
      return 1;
    }
    const times = delay === undefined ? 1 : count ?? Infinity;
    let before: Sample | null = null;
    for (let i = 0; i < times; i++) {
      if (i > 0) await p.sleep(delay! * 1000);
      const now: Sample | number = await sample(p);
      if (typeof now === 'number') return now;
      if (i === 0 || (!parsed.has('n') && i % HEADING_EVERY === 0)) p.out(heading(parsed.has('a')));
      p.out(line(p, now, before, parsed.has('a')));
      before = now;
    }
    return 0;
  },
});

const heading = (active: boolean): string => 'procs -----------memory---------- ---swap-- -----io---- --system-- ----cpu----\n'
  + ` r  b   swpd   free  ${active ? 'inact active' : ' buff  cache'}   si   so    bi    bo   in    cs us sy id wa\n`;

function line(p: Process, now: Sample, before: Sample | null, active: boolean): string {
  const { meminfo } = now;
  const seconds = now.seconds - (before?.seconds ?? 0);
  const rate = (name: string, kilobytes: number): number => (seconds <= 0 ? 0 : Math.round((((now.counters[name] ?? 0) - (before?.counters[name] ?? 0)) * kilobytes) / seconds));
  const page = p.box.k.m.PAGE_SIZE / 1024;
  const memory = [now.swapped, memoryOf(meminfo, 'MemFree'), ...(active ? [memoryOf(meminfo, 'Inactive'), memoryOf(meminfo, 'Active')] : [memoryOf(meminfo, 'Buffers'), memoryOf(meminfo, 'Cached')])];
  const wide = (values: readonly number[], width: number): string => values.map(value => String(value).padStart(width)).join(' ');
  return `${wide([now.running, now.blocked], 2)} ${wide(memory, 6)} ${wide([rate('pswpin', page), rate('pswpout', page)], 4)} ${wide([rate('pgpgin', 1), rate('pgpgout', 1)], 5)} ${wide([0], 4)} ${wide([0], 5)} ${wide([0, 0, 100, 0], 2)}\n`;
}

async function printCounters(p: Process): Promise<number> {
  const now = await sample(p);
  if (typeof now === 'number') return now;
  const { meminfo, counters } = now;
  const of = (name: string): number => memoryOf(meminfo, name);
  const total = of('MemTotal');
  const rows: readonly (readonly [number, string])[] = [
    [total, ' total memory'], [total - of('MemFree'), ' used memory'], [of('Active'), ' active memory'], [of('Inactive'), ' inactive memory'], [of('MemFree'), ' free memory'], [of('Buffers'), ' buffer memory'],
    [of('Cached'), ' swap cache'], [of('SwapTotal'), ' total swap'], [now.swapped, ' used swap'], [of('SwapFree'), ' free swap'], [counters['pgpgin'] ?? 0, 'pages paged in'], [counters['pgpgout'] ?? 0, 'pages paged out'],
    [counters['pswpin'] ?? 0, 'pages swapped in'], [counters['pswpout'] ?? 0, 'pages swapped out'],
  ];
  p.out(rows.map(([value, name]) => `${String(value).padStart(13)} ${name}\n`).join(''));
  return 0;
}
