/** What is done to the processes of a case when they have their memory: each on the machine and in the draft of the description. */
import { nodemask_of } from '@pmkit/mm-core/include/linux/nodemask';
import { CAP_FULL_SET } from '@pmkit/mm-core/include/linux/sched';
import { runKernel, syscall, type MaySleep } from '@pmkit/mm-core';
import type { Policy } from '../model/situation.js';
import { Violation } from '../fuzz/world.js';
import type { Edit } from './cases.js';
import { changeRange, cutOut, forkedDraft, stored, type DraftArea, type DraftTask } from './draft.js';
import { CAPABILITIES, PAGE_SIZE, type Workshop } from './workshop.js';

type Of<Op extends Edit['op']> = Extract<Edit, { op: Op }>;
/** Edits of pages are left to the scene, which knows which pages there are. */
export type PageEdit = Of<'read under way' | 'pin' | 'vmscan'>;
type TaskEdit = Exclude<Edit, PageEdit>;

const EINVAL = 22;
/** Files can be marked from this level on. */
const OVERRIDE_LEVEL = 6;
const MAX_JOBS = 4;
const UIDS = [0, 1000, 1001, 1002];
const OVERRIDES = [['migrate', 4], ['keep', 8], [null, 16]] as const;

/**
 * Memory is made before it is locked, and locked before it is protected and given policies: so that every page can be had, and no two vmas
 * become alike and are merged. Users and cpusets come last, as root on all nodes makes all that.
 */
const ORDER: readonly Edit['op'][] = ['fork', 'store', 'write', 'lock', 'protect', 'bind', 'policy', 'override', 'io', 'cpuset', 'user', 'exit', 'writeback'];

/** Carries out all edits of tasks. @returns the edits of pages */
export function carryOut(shop: Workshop, edits: readonly Edit[]): PageEdit[] {
  for (const op of ORDER) {
    for (const edit of edits) if (edit.op === op) (actions[op as TaskEdit['op']] as (shop: Workshop, edit: Edit) => void)(shop, edit);
  }
  return edits.filter((edit): edit is PageEdit => !ORDER.includes(edit.op));
}

/** A job that lives, by a number; there may be none. */
function job(shop: Workshop, pick: number): DraftTask | null {
  const living = shop.jobs.filter(task => task.vmas !== null);
  return living.length === 0 ? null : living[pick % living.length]!;
}

interface Found { readonly task: DraftTask; readonly area: DraftArea; readonly start: number; readonly pages: number }
function areaOf(shop: Workshop, edit: { readonly task: number; readonly area: number }): Found | null {
  const task = job(shop, edit.task);
  if (task === null || task.areas.length === 0) return null;
  const area = task.areas[edit.area % task.areas.length]!;
  return { task, area, start: area.start, pages: area.pages };
}
function rangeOf(shop: Workshop, edit: { readonly task: number; readonly area: number; readonly from: number; readonly pages: number }): Found | null {
  const found = areaOf(shop, edit);
  if (found === null) return null;
  const from = edit.from % found.pages;
  return { ...found, start: found.start + from, pages: Math.min(edit.pages, found.pages - from) };
}

function fork(shop: Workshop, edit: Of<'fork'>): void {
  const parent = job(shop, edit.task);
  if (parent === null || shop.jobs.length >= MAX_JOBS) return;
  const pid = shop.must(parent.sim, 'fork');
  shop.jobs.push(forkedDraft(parent, shop.m.tasks.get(pid)!));
}

function store(shop: Workshop, edit: Of<'store'>): void {
  const found = rangeOf(shop, edit);
  if (found === null) return;
  const { task, start, pages } = found;
  if ((task.vmas!.find(vma => vma.start === found.area.start)!.prot & 2) === 0) return;
  for (let page = start; page < start + pages; page++) shop.access(task, page, edit.node, true);
}

/** write(): the page of the file becomes dirty, with buffers on a file system that has them. */
function write(shop: Workshop, edit: Of<'write'>): void {
  const task = job(shop, 0);
  const file = shop.file(edit.file);
  if (task === null || file === null) return;
  const { sim } = task;
  sim.cpu = edit.node % shop.nodes.filter(({ memory }) => memory).length;
  const fd = shop.must(sim, 'open', file.inode.path, 2, 0);
  shop.must(sim, 'lseek', fd, edit.page * PAGE_SIZE);
  shop.must(sim, 'write', fd, PAGE_SIZE);
  shop.must(sim, 'close', fd);
}

/** mlock() brings every page in; where a process may write in private, as copies. */
function lock(shop: Workshop, edit: Of<'lock'>): void {
  const found = rangeOf(shop, edit);
  if (found === null || found.area.locked) return;
  const { task, area, start, pages } = found;
  area.locked = true;
  shop.must(task.sim, 'mlock', start * PAGE_SIZE, pages * PAGE_SIZE);
  changeRange(task, start, pages, vma => !vma.locked, vma => {
    vma.locked = true;
    if ((vma.prot & 2) !== 0) for (let i = 0; i < vma.own.length; i++) stored(task, vma.start + i);
  });
}

function protect(shop: Workshop, edit: Of<'protect'>): void {
  const found = rangeOf(shop, edit);
  if (found === null || found.area.protected) return;
  const { task, area, start, pages } = found;
  area.protected = true;
  shop.must(task.sim, 'mprotect', start * PAGE_SIZE, pages * PAGE_SIZE, edit.prot);
  changeRange(task, start, pages, vma => vma.prot !== edit.prot, vma => {
    vma.prot = edit.prot;
  });
}

/** The nodes that a set of bits means, by position. BIND and INTERLEAVE need one at least. */
function nodesOf(shop: Workshop, bits: number, mode: number): number[] {
  const nodes = shop.ids.filter((_, i) => (bits & (1 << i)) !== 0);
  return mode === 0 ? [] : nodes.length === 0 && mode !== 1 ? [shop.ids[0]!] : nodes;
}
/** What mbind() and set_mempolicy() make of a mode and nodes. */
function policyOf(shop: Workshop, mode: number, nodes: readonly number[]): Policy | null {
  if (mode === 0) return null;
  if (mode === 1) return { mode: 'preferred', node: nodes[0] ?? -1 };
  if (mode === 3) return { mode: 'interleave', nodes };
  return { mode: 'bind', nodes: nodes.filter(id => shop.nodes.some(node => node.id === id && node.memory)) };
}

function bind(shop: Workshop, edit: Of<'bind'>): void {
  const found = rangeOf(shop, edit);
  if (found === null) return;
  const { task, start, pages } = found;
  const nodes = nodesOf(shop, edit.nodes, edit.mode);
  shop.must(task.sim, 'mbind', start * PAGE_SIZE, pages * PAGE_SIZE, edit.mode, edit.mode === 0 ? null : nodemask_of(...nodes), 257, 0);
  const policy = policyOf(shop, edit.mode, nodes);
  for (const vma of cutOut(task, start, pages)) {
    vma.policy = policy;
    const policies = vma.object?.policies;
    if (policies === null || policies === undefined) continue;
    for (let page = vma.offset; page < vma.offset + vma.own.length; page++) {
      if (policy === null) policies.delete(page);
      else policies.set(page, policy);
    }
  }
}

function setPolicy(shop: Workshop, edit: Of<'policy'>): void {
  const task = job(shop, edit.task);
  if (task === null) return;
  const nodes = nodesOf(shop, edit.nodes, edit.mode);
  shop.must(task.sim, 'set_mempolicy', edit.mode, edit.mode === 0 ? null : nodemask_of(...nodes), 257);
  task.policy = policyOf(shop, edit.mode, nodes);
  if (task.policy?.mode === 'interleave') task.nextInterleaved = task.policy.nodes[0]!;
}

function override(shop: Workshop, edit: Of<'override'>): void {
  const found = areaOf(shop, edit);
  if (found === null) return;
  const { task, start, pages } = found;
  const vmas = task.vmas!.filter(vma => vma.start >= start && vma.start < start + pages);
  if (vmas[0]!.object === null) return;
  const [to, flag] = OVERRIDES[edit.to % OVERRIDES.length]!;
  const known = shop.level >= OVERRIDE_LEVEL;
  const result = syscall(shop.k, task.sim, 'mbind', start * PAGE_SIZE, pages * PAGE_SIZE, 0, null, 0, flag);
  if (result !== (known ? 0 : -EINVAL)) throw new Violation(`mbind() with flag ${flag} returned ${result} at level ${shop.level}`);
  if (known) vmas[0]!.object.override = to;
}

/** No driver is here to map device memory: the flag is set by hand. */
function io(shop: Workshop, edit: Of<'io'>): void {
  const found = areaOf(shop, edit);
  if (found === null) return;
  const { task, start, pages } = found;
  for (let vma = task.sim.mm!.mmap; vma !== null; vma = vma.vm_next) {
    const page = vma.vm_start / PAGE_SIZE;
    if (page >= start && page < start + pages) vma.vm_flags |= 0x4000;
  }
  for (const vma of task.vmas!) if (vma.start >= start && vma.start < start + pages) vma.io = true;
}

/** A cpuset of its own for a task. What pages it gets from now on comes from there; the task notes it when it next allocates by policy, at once here. */
function cpuset(shop: Workshop, edit: Of<'cpuset'>): void {
  const task = edit.task % 3 === 0 ? shop.user : job(shop, edit.task);
  const nodes = shop.nodes.filter((_, i) => (edit.nodes & (1 << i)) !== 0);
  if (task === null || !shop.m.config.CONFIG_CPUSETS || shop.nodes.some(node => node.full) || !nodes.some(node => node.memory)) return;
  const { k, m } = shop;
  const path = `/${task.sim.comm}${task.sim.pid}`;
  runKernel(k, m.init_task, (function* (): MaySleep<void> {
    k.cpuset_mkdir(path);
    k.cpuset_write(path, 'mems', nodes.map(node => node.id).join(','));
    k.cpuset_write(path, 'cpus', m.cpus.join(','));
    k.cpuset_write(path, 'tasks', String(task.sim.pid));
  })());
  runKernel(k, task.sim, (function* (): MaySleep<void> {
    k.cpuset_update_current_mems_allowed();
  })());
  task.mems = nodes.map(node => node.id);
}

/** Another user. There is no capset(): what setresuid() leaves of the capabilities is then set by hand. */
function user(shop: Workshop, edit: Of<'user'>): void {
  const task = edit.task % 3 === 0 ? shop.user : job(shop, edit.task);
  if (task === null) return;
  const [uid, euid, suid] = edit.ids.map(pick => UIDS[pick % UIDS.length]!) as [number, number, number];
  const capabilities = CAPABILITIES.filter((_, i) => (edit.capabilities & (1 << i)) !== 0);
  Object.assign(task, { uid, euid, suid, capabilities });
  task.sim.cap_effective = CAP_FULL_SET;
  shop.must(task.sim, 'setresuid', uid, euid, suid);
  task.sim.cap_effective = capabilities.reduce((mask, capability) => mask | 2 ** capability, 0);
}

/** Nobody waits for it: it stays a zombie. */
function exit(shop: Workshop, edit: Of<'exit'>): void {
  const task = job(shop, edit.task);
  if (task === null) return;
  syscall(shop.k, task.sim, 'exit', 0);
  task.vmas = null;
}

/** Starts to write a file back, and does not wait. */
function writeback(shop: Workshop, edit: Of<'writeback'>): void {
  const file = shop.file(edit.file);
  if (file !== null) runKernel(shop.k, shop.m.init_task, shop.k.filemap_flush(file.inode.i_mapping));
}

const actions: { readonly [Op in TaskEdit['op']]: (shop: Workshop, edit: Of<Op>) => void } = {
  fork, store, write, lock, protect, bind, policy: setPolicy, override, io, cpuset, user, exit, writeback,
};
