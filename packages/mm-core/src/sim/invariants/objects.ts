/** Lists of vmas by anon_vma and by file, users of address spaces and cpusets, policies, and locks. */
import type { Cpuset } from '../../include/linux/cpuset.js';
import type { Mempolicy, SpNode } from '../../include/linux/mempolicy.js';
import { VM_SHARED, type Mm, type Vma } from '../../include/linux/mm_types.js';
import type { SpinLock } from '../../include/linux/wait.js';
import type { Machine } from '../../machine.js';
import type { Census } from './census.js';

const hex = (value: number): string => `0x${value.toString(16)}`;
const nameOf = (vma: Vma): string => `vma ${hex(vma.vm_start)}-${hex(vma.vm_end)} of mm ${vma.vm_mm.id}`;

/** Every vma of every address space. */
function vmasOf(m: Machine): Vma[] {
  const all = new Set<Vma>();
  for (const mm of m.mms.values()) for (let vma = mm.mmap; vma !== null && !all.has(vma); vma = vma.vm_next) all.add(vma);
  return [...all];
}

/** Reverse mapping finds ptes by walking these lists, so a vma missing from one is a page that cannot be unmapped. */
export function checkReverseMaps(census: Census): void {
  const { m, violations } = census;
  const onAnon = new Map<Vma, number>();
  for (const anon_vma of m.anon_vmas) {
    if (anon_vma === null) continue;
    if (anon_vma.head === null) violations.push(`anon_vma ${anon_vma.id}: no vma, expected freed`);
    walkLinks(census, () => `anon_vma ${anon_vma.id}`, anon_vma.head, anon_vma.tail, 'anon', anon_vma.id, onAnon);
  }
  const onFile = new Map<Vma, number>();
  for (const mapping of m.mappings) {
    if (mapping === null) continue;
    let writable = 0;
    walkLinks(census, () => `i_mmap of mapping ${mapping.id}`, mapping.i_mmap, mapping.i_mmap_tail, 'shared', mapping.id, onFile, vma => {
      if ((vma.vm_flags & VM_SHARED) !== 0) writable++;
    });
    // fewer is normal: 2.6.12 does not count the copy of a vma that fork() makes, but its end
    if (mapping.i_mmap_writable > writable) violations.push(`mapping ${mapping.id}: i_mmap_writable is ${mapping.i_mmap_writable}, expected ${writable} at most`);
  }
  for (const vma of vmasOf(m)) {
    compareMembership(census, vma, 'anon_vma', onAnon.get(vma), vma.anon_vma?.id);
    compareMembership(census, vma, 'i_mmap list of mapping', onFile.get(vma), vma.vm_file?.f_mapping.id);
    onAnon.delete(vma);
    onFile.delete(vma);
  }
  if (!census.atRest) return;
  for (const [vma, id] of onAnon) violations.push(`anon_vma ${id}: holds ${nameOf(vma)}, which is gone`);
  for (const [vma, id] of onFile) violations.push(`i_mmap of mapping ${id}: holds ${nameOf(vma)}, which is gone`);
}
function compareMembership(census: Census, vma: Vma, what: string, found: number | undefined, expected: number | undefined): void {
  if (found !== expected) census.violations.push(`${nameOf(vma)}: on the list of ${what} ${found ?? 'none'}, expected ${expected ?? 'none'}`);
}

function walkLinks(
  census: Census, name: () => string, head: Vma | null, tail: Vma | null, links: 'anon' | 'shared', id: number, members: Map<Vma, number>, each?: (vma: Vma) => void,
): void {
  const { violations } = census;
  let prev: Vma | null = null;
  for (let vma = head; vma !== null; vma = links === 'anon' ? vma.anon_next : vma.shared_next) {
    if ((links === 'anon' ? vma.anon_prev : vma.shared_prev) !== prev) violations.push(`${name()}: the link back from ${nameOf(vma)} is broken`);
    if (members.has(vma)) {
      violations.push(`${name()}: holds ${nameOf(vma)}, which is on the list of ${members.get(vma)!}, too`);
      return;
    }
    members.set(vma, id);
    each?.(vma);
    prev = vma;
  }
  if (tail !== prev) violations.push(`${name()}: the tail is ${tail === null ? 'none' : nameOf(tail)}, expected ${prev === null ? 'none' : nameOf(prev)}`);
}

/** mm_users, cpuset counts and reference counts of policies against who uses them. */
export function checkUsers(census: Census): void {
  const { m, violations } = census;
  const users = new Map<Mm, number>();
  const members = new Map<Cpuset, number>();
  for (const task of m.tasks.values()) {
    if (task.mm !== null) users.set(task.mm, (users.get(task.mm) ?? 0) + 1);
    if (task.cpuset !== null && task.pid !== 0) members.set(task.cpuset, (members.get(task.cpuset) ?? 0) + 1);
  }
  for (const mm of m.mms.values()) {
    const expected = users.get(mm) ?? 0;
    if (mm.mm_users !== expected && (census.atRest || mm.mm_users < expected)) violations.push(`mm ${mm.id}: mm_users is ${mm.mm_users}, expected ${expected}`);
    if (census.atRest && mm.mm_users === 0) violations.push(`mm ${mm.id}: nobody uses it, expected gone; mm_count is ${mm.mm_count}`);
  }
  for (const mm of users.keys()) if (!m.mms.has(mm.id)) violations.push(`mm ${mm.id}: a task uses it, but it does not exist`);
  const walkCpusets = (cs: Cpuset): void => {
    const expected = members.get(cs) ?? 0;
    if (cs.count !== expected) violations.push(`cpuset ${cs.name}: count is ${cs.count}, expected ${expected}`);
    for (const child of cs.children.values()) walkCpusets(child);
  };
  walkCpusets(m.top_cpuset);
  checkPolicies(census);
}

/** A policy has at least the references that are there to see. More is normal: get_policy() of shared memory leaks them. */
function checkPolicies(census: Census): void {
  const { m } = census;
  const holders = new Map<Mempolicy, number>();
  const hold = (policy: Mempolicy | null): void => {
    if (policy !== null) holders.set(policy, (holders.get(policy) ?? 0) + 1);
  };
  for (const task of m.tasks.values()) if (task.state !== 'Z' && task.state !== 'X') hold(task.mempolicy);
  for (const vma of vmasOf(m)) hold(vma.vm_policy);
  const walkShared = (node: SpNode | null): void => {
    if (node === null) return;
    walkShared(node.rb_left);
    hold(node.policy);
    walkShared(node.rb_right);
  };
  for (const mapping of m.mappings) walkShared(mapping?.host?.shmem?.policy.root ?? null);
  for (const [policy, count] of holders) {
    if (policy.refcnt < count) census.violations.push(`mempolicy of mode ${policy.policy}: refcnt is ${policy.refcnt}, expected at least ${count}`);
  }
}

/** When nobody is in the kernel nobody holds a lock: one that is held belongs to a task that died or hangs. */
export function checkLocks(census: Census): void {
  const { m, violations } = census;
  if (!census.atRest) return;
  const spin = (lock: SpinLock): void => {
    if (lock.held) violations.push(`spinlock ${lock.name}: held by pid ${lock.owner}, though nobody is in the kernel`);
  };
  for (const zone of m.zones) {
    if (zone === undefined) continue;
    spin(zone.lock);
    spin(zone.lru_lock);
  }
  spin(m.swap_lock);
  spin(m.tasklist_lock);
  for (const mapping of m.mappings) {
    if (mapping === null) continue;
    spin(mapping.tree_lock);
    spin(mapping.i_mmap_lock);
    const host = mapping.host;
    if (host === null) continue;
    if (host.i_sem.held) violations.push(`semaphore ${host.i_sem.name} of mapping ${mapping.id}: held by pid ${host.i_sem.owner}, though nobody is in the kernel`);
    if (host.shmem !== null) {
      spin(host.shmem.lock);
      spin(host.shmem.policy.sem);
    }
  }
  for (const anon_vma of m.anon_vmas) if (anon_vma !== null) spin(anon_vma.lock);
  for (const mm of m.mms.values()) {
    spin(mm.page_table_lock);
    const { readers, writer, holders } = mm.mmap_sem;
    if (readers !== 0 || writer !== 0) violations.push(`mmap_sem of mm ${mm.id}: held by pid ${writer === 0 ? holders.join(', ') : writer}, though nobody is in the kernel`);
  }
  if (m.cpuset_sem.held) violations.push(`cpuset_sem: held by pid ${m.cpuset_sem.owner}, though nobody is in the kernel`);
  if (m.preempt_count !== 0) violations.push(`preempt_count is ${m.preempt_count}, expected 0`);
}
