/**
 * The cpuset file system (kernel/cpuset.c), usually mounted at /dev/cpuset: directories are cpusets, their files the attributes.
 * Paths here begin at its root, `/` is the top cpuset; the functions take them where those of 2.6.12 take dentries and files.
 *
 * Not modelled: owners and modes of its files (everybody may open them, so that attach_task()'s own check decides), and the
 * user-mode helper that notify_on_release would start.
 */
import {
  CS_CPU_EXCLUSIVE, CS_MEM_EXCLUSIVE, CS_NOTIFY_ON_RELEASE, CS_REMOVED, type Cpuset,
} from '../include/linux/cpuset.js';
import { E2BIG, EACCES, EBUSY, EEXIST, EINVAL, EIO, ENOENT, ENOSPC, ERANGE, ESRCH } from '../include/linux/errno.js';
import { MAX_NUMNODES, node_set, nodes_and, nodes_empty, nodes_intersects, nodes_new, nodes_subset } from '../include/linux/nodemask.js';
import { downCpusetSem } from '../model/cpuset-sem.js';
import { formatList } from '../model/number-list.js';
import { nodeList } from '../model/objects.js';
import { up } from '../include/linux/spinlock.js';
import type { K } from '../kernel-table.js';
import type { Machine } from '../machine.js';

/** CONFIG_NR_CPUS of sn2_defconfig: bounds CPU numbers in lists and the length of what can be written. */
const NR_CPUS = 512;

const isFlag = (cs: Cpuset, bit: number): boolean => (cs.flags & (1 << bit)) !== 0;

/** The cpuset at a path, or null. */
function lookup(m: Machine, path: string): Cpuset | null {
  let cs: Cpuset | undefined = m.top_cpuset;
  for (const name of path.split('/')) {
    if (name !== '') cs = cs?.children.get(name);
  }
  return cs ?? null;
}
/** Path of a cpuset from the root of the file system, as /proc/PID/cpuset shows it. */
export function cpuset_path(this: K, cs: Cpuset): string {
  const names: string[] = [];
  for (let at = cs; at.parent !== null; at = at.parent) names.unshift(at.name);
  return `/${names.join('/')}`;
}

/** A new cpuset has no CPUs and no nodes: nobody can be attached until both are written. */
export function cpuset_mkdir(this: K<'refresh_mems'>, path: string): number {
  const { m } = this;
  const at = path.replace(/\/+$/, '').lastIndexOf('/');
  const name = path.replace(/\/+$/, '').slice(at + 1);
  const parent = lookup(m, path.slice(0, Math.max(at, 0)));
  if (parent === null) return -ENOENT;
  if (name === '' || parent.children.has(name) || FILES.has(name)) return -EEXIST;
  downCpusetSem(m);
  this.refresh_mems();
  const cs: Cpuset = {
    name, flags: parent.flags & (1 << CS_NOTIFY_ON_RELEASE), cpus_allowed: new Set(), mems_allowed: nodes_new(), count: 0, parent,
    children: new Map(), mems_generation: ++m.cpuset_mems_generation,
  };
  parent.children.set(name, cs);
  up(m, m.cpuset_sem);
  return 0;
}

/** Only an empty cpuset can be removed: no tasks, no children. */
export function cpuset_rmdir(this: K<'refresh_mems'>, path: string): number {
  const { m } = this;
  const cs = lookup(m, path);
  if (cs === null) return -ENOENT;
  if (cs.parent === null) return -EBUSY;
  downCpusetSem(m);
  this.refresh_mems();
  const busy = cs.count > 0 || cs.children.size > 0;
  if (!busy) {
    cs.flags |= 1 << CS_REMOVED;
    cs.parent.children.delete(cs.name);
  }
  up(m, m.cpuset_sem);
  return busy ? -EBUSY : 0;
}

const FILES = new Set(['cpus', 'mems', 'cpu_exclusive', 'mem_exclusive', 'notify_on_release', 'tasks']);

/** echo text > path/file, cpuset_common_file_write() by path; the name is the kit's own. @returns the bytes written, or an errno. */
export function cpuset_write(
  this: K<'update_cpumask' | 'update_nodemask' | 'update_flag' | 'attach_task'>, path: string, file: string, text: string,
): number {
  const { m } = this;
  const cs = lookup(m, path);
  if (cs === null || !FILES.has(file)) return -ENOENT;
  if (text.length > 100 + 6 * NR_CPUS) return -E2BIG;
  downCpusetSem(m);
  let result: number;
  switch (file) {
    case 'cpus': result = this.update_cpumask(cs, text); break;
    case 'mems': result = this.update_nodemask(cs, text); break;
    case 'cpu_exclusive': result = this.update_flag(CS_CPU_EXCLUSIVE, cs, text); break;
    case 'mem_exclusive': result = this.update_flag(CS_MEM_EXCLUSIVE, cs, text); break;
    case 'notify_on_release': result = this.update_flag(CS_NOTIFY_ON_RELEASE, cs, text); break;
    default: result = this.attach_task(cs, text);
  }
  up(m, m.cpuset_sem);
  return result === 0 ? text.length : result;
}

/** cat path/file, cpuset_common_file_read() by path; the name is the kit's own. @returns the text, or an errno. */
export function cpuset_read(this: K, path: string, file: string): string | number {
  const { m } = this;
  const cs = lookup(m, path);
  if (cs === null) return -ENOENT;
  switch (file) {
    case 'cpus': return `${formatList([...cs.cpus_allowed].sort((a, b) => a - b))}\n`;
    case 'mems': return `${formatList(nodeList(cs.mems_allowed))}\n`;
    case 'cpu_exclusive': return isFlag(cs, CS_CPU_EXCLUSIVE) ? '1\n' : '0\n';
    case 'mem_exclusive': return isFlag(cs, CS_MEM_EXCLUSIVE) ? '1\n' : '0\n';
    case 'notify_on_release': return isFlag(cs, CS_NOTIFY_ON_RELEASE) ? '1\n' : '0\n';
    case 'tasks': {
      const pids = [...m.tasks.values()].filter(task => task.cpuset === cs && task.pid !== 0).map(task => task.pid);
      return pids.sort((a, b) => a - b).map(pid => `${pid}\n`).join('');
    }
    default: return -ENOENT;
  }
}

/**
 * Moves a task (pid 0: the current one) into a cpuset: the task runs on the new CPUs at once, allocates on the new nodes
 * from its next allocation on, and what memory it has stays where it is. That is the gap the series fills.
 */
export function attach_task(this: K<'find_task_by_pid' | 'guarantee_online_cpus' | 'set_cpus_allowed'>, cs: Cpuset, pidbuf: string): number {
  const { current } = this.m;
  const pid = /^\s*(-?\d+)/.exec(pidbuf)?.[1];
  if (pid === undefined) return -EIO;
  if (cs.cpus_allowed.size === 0 || nodes_empty(cs.mems_allowed)) return -ENOSPC;
  const tsk = Number(pid) === 0 ? current : this.find_task_by_pid(Number(pid));
  if (tsk === null) return -ESRCH;
  if (Number(pid) !== 0 && current.euid !== 0 && current.euid !== tsk.uid && current.euid !== tsk.suid) return -EACCES;
  const oldcs = tsk.cpuset;
  if (oldcs === null) return -ESRCH;
  cs.count++;
  tsk.cpuset = cs;
  this.set_cpus_allowed(tsk, this.guarantee_online_cpus(cs));
  oldcs.count--;
  return 0;
}

/** Writes `cpus`. Tasks in the cpuset notice only when they are attached again. */
export function update_cpumask(this: K<'validate_change'>, cs: Cpuset, buf: string): number {
  const cpus = parseList(buf, NR_CPUS);
  if (typeof cpus === 'number') return cpus;
  const cpus_allowed = new Set(cpus.filter(cpu => this.m.cpu_to_node[cpu] !== undefined));
  if (cpus_allowed.size === 0) return -ENOSPC;
  const error = this.validate_change(cs, { ...cs, cpus_allowed });
  if (error === 0) cs.cpus_allowed = cpus_allowed;
  return error;
}

/** Writes `mems`; a new generation makes the tasks take it over when they next allocate. */
export function update_nodemask(this: K<'validate_change'>, cs: Cpuset, buf: string): number {
  const { m } = this;
  const nodes = parseList(buf, MAX_NUMNODES);
  if (typeof nodes === 'number') return nodes;
  const wanted = nodes_new();
  for (const node of nodes) node_set(node, wanted);
  const mems_allowed = nodes_and(wanted, m.node_online_map);
  if (nodes_empty(mems_allowed)) return -ENOSPC;
  const error = this.validate_change(cs, { ...cs, mems_allowed });
  if (error === 0) {
    cs.mems_allowed = mems_allowed;
    cs.mems_generation = ++m.cpuset_mems_generation;
  }
  return error;
}

/** Writes one of the flag files: what does not begin with a number other than 0 is 0. */
export function update_flag(this: K<'validate_change'>, bit: number, cs: Cpuset, buf: string): number {
  const on = Number(/^\d+/.exec(buf)?.[0] ?? 0) !== 0;
  const flags = on ? cs.flags | (1 << bit) : cs.flags & ~(1 << bit);
  const error = this.validate_change(cs, { ...cs, flags });
  if (error === 0) cs.flags = flags;
  return error;
}

/** CPUs, nodes and exclusive flags of p are all in q. */
function is_cpuset_subset(p: Cpuset, q: Cpuset): boolean {
  for (const cpu of p.cpus_allowed) if (!q.cpus_allowed.has(cpu)) return false;
  return nodes_subset(p.mems_allowed, q.mems_allowed)
    && (!isFlag(p, CS_CPU_EXCLUSIVE) || isFlag(q, CS_CPU_EXCLUSIVE))
    && (!isFlag(p, CS_MEM_EXCLUSIVE) || isFlag(q, CS_MEM_EXCLUSIVE));
}
function cpusIntersect(a: Cpuset, b: Cpuset): boolean {
  for (const cpu of a.cpus_allowed) if (b.cpus_allowed.has(cpu)) return true;
  return false;
}

/**
 * Whether `cur` may become `trial` (a changed copy): children must stay within it (-EBUSY), it within its parent (-EACCES),
 * and where it or a sibling is exclusive the two must not overlap (-EINVAL).
 */
export function validate_change(this: K, cur: Cpuset, trial: Cpuset): number {
  for (const child of cur.children.values()) if (!is_cpuset_subset(child, trial)) return -EBUSY;
  const { parent } = cur;
  if (parent === null) return 0;
  if (!is_cpuset_subset(trial, parent)) return -EACCES;
  for (const sibling of parent.children.values()) {
    if (sibling === cur) continue;
    const cpuExclusive = isFlag(trial, CS_CPU_EXCLUSIVE) || isFlag(sibling, CS_CPU_EXCLUSIVE);
    if (cpuExclusive && cpusIntersect(trial, sibling)) return -EINVAL;
    const memExclusive = isFlag(trial, CS_MEM_EXCLUSIVE) || isFlag(sibling, CS_MEM_EXCLUSIVE);
    if (memExclusive && nodes_intersects(trial.mems_allowed, sibling.mems_allowed)) return -EINVAL;
  }
  return 0;
}

/** bitmap_parselist(): `0-3,8`; -EINVAL for what is no list, -ERANGE for a number of `bits` and more. */
function parseList(text: string, bits: number): number[] | number {
  const list: number[] = [];
  let rest = text;
  do {
    const range = /^(\d+)(?:-(\d*))?/.exec(rest);
    if (range === null || range[2] === '') return -EINVAL;
    const first = Number(range[1]);
    const last = range[2] === undefined ? first : Number(range[2]);
    if (first > last) return -EINVAL;
    if (last >= bits) return -ERANGE;
    for (let bit = first; bit <= last; bit++) list.push(bit);
    rest = rest.slice(range[0].length);
    if (rest.startsWith(',')) rest = rest.slice(1);
  } while (rest !== '' && !rest.startsWith('\n'));
  return list;
}
