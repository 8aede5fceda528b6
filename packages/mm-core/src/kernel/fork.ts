/**
 * Making tasks and address spaces (kernel/fork.c of 2.6.12).
 *
 * A task is a struct; what it does next is the driver's business. Threads (CLONE_VM, CLONE_FILES, CLONE_THREAD) share the mm, the
 * descriptor table and the signal struct. Not modelled: namespaces, keys, semaphore undo lists, ptrace, audit, and vfork()'s
 * waiting parent (CLONE_VFORK is accepted and the parent goes on).
 */
import { TASK_UNMAPPED_BASE } from '../include/asm-ia64/processor.js';
import { vma_pages } from '../include/asm-ia64/page.js';
import { EAGAIN, EINTR, EINVAL, ENOMEM } from '../include/linux/errno.js';
import { __vm_stat_account, copy_vma_fields } from '../include/linux/mm.js';
import { VM_DONTCOPY, VM_LOCKED, type Mm, type Vma } from '../include/linux/mm_types.js';
import { nodes_copy } from '../include/linux/nodemask.js';
import { vmop } from '../model/ops.js';
import { vma_prio_tree_add } from '../include/linux/prio_tree.js';
import { CLONE_FILES, CLONE_FS, CLONE_NEWNS, CLONE_PARENT, CLONE_SIGHAND, CLONE_STOPPED, CLONE_THREAD, CLONE_VM, CSIGNAL, PF_BORROWED_MM, PID_MAX_DEFAULT, RESERVED_PIDS, SIGCHLD, SIGKILL, SIGNAL_GROUP_EXIT, type FilesStruct, type SighandStruct, type Task } from '../include/linux/sched.js';
import { newFiles, newSighand, newSignal } from '../model/objects.js';
import { down_write, down_write_trylock, __RWSEM_INITIALIZER, SPIN_LOCK_UNLOCKED, spin_lock, spin_unlock, up_write } from '../include/linux/spinlock.js';
import type { MaySleep } from '../include/linux/wait.js';
import { rb_insert } from '../lib/rbtree.js';
import { newTask, type Machine } from '../machine.js';
import type { K } from '../kernel-table.js';

/** An mm_struct without page tables; mm_init() gives it those. */
export function mm_alloc(this: K): Mm {
  const { m } = this;
  const id = m.next_mm_id++;
  const mm: Mm = {
    id, mmap: null, mm_rb: null, mmap_cache: null, free_area_cache: TASK_UNMAPPED_BASE, pgd: 0, mm_users: 1, mm_count: 1, map_count: 0,
    mmap_sem: __RWSEM_INITIALIZER(`mmap_sem of mm ${id}`), page_table_lock: SPIN_LOCK_UNLOCKED(`page_table_lock of mm ${id}`),
    start_code: 0, end_code: 0, start_data: 0, end_data: 0, start_brk: 0, brk: 0, start_stack: 0, arg_start: 0, arg_end: 0, env_start: 0,
    env_end: 0, rss: 0, anon_rss: 0, total_vm: 0, locked_vm: 0, shared_vm: 0, exec_vm: 0, stack_vm: 0, def_flags: 0, dumpable: 0, nr_ptes: 0,
  };
  m.mms.set(id, mm);
  return mm;
}

/** Allocates the top table. @returns 0, or -ENOMEM: then the mm is gone. */
export function* mm_init(this: K<'pgd_alloc'>, mm: Mm): MaySleep<number> {
  mm.pgd = yield* this.pgd_alloc(mm);
  if (mm.pgd !== 0) return 0;
  this.m.mms.delete(mm.id);
  return -ENOMEM;
}

/** Drops a user of an address space; the last one takes the memory with it. */
export function mmput(this: K<'exit_mmap' | 'mmdrop'>, mm: Mm): void {
  if (--mm.mm_users !== 0) return;
  this.exit_mmap(mm);
  this.mmdrop(mm);
}
/** Drops a reference to the struct; all users together hold one. */
export function mmdrop(this: K<'pgd_free'>, mm: Mm): void {
  if (--mm.mm_count !== 0) return;
  this.pgd_free(mm);
  this.m.mms.delete(mm.id);
}

/** The address space of a task as a user of it, null for a kernel thread. Give it back with mmput(). */
export function get_task_mm(this: K, task: Task): Mm | null {
  const { mm } = task;
  if (mm === null || (task.flags & PF_BORROWED_MM) !== 0) return null;
  mm.mm_users++;
  return mm;
}

/** Adds the child's copy of a vma to the anon_vma's and to the file's list, where rmap finds it. */
function linkToObjects(k: K<'anon_vma_link' | 'get_file'>, tmp: Vma, mpnt: Vma): void {
  const { m } = k;
  k.anon_vma_link(tmp);
  const file = tmp.vm_file;
  if (file === null) return;
  k.get_file(file);
  spin_lock(m, file.f_mapping.i_mmap_lock);
  // 2.6.12 does not raise i_mmap_writable here although the end of the child's vma will lower it
  vma_prio_tree_add(tmp, mpnt, file.f_mapping);
  spin_unlock(m, file.f_mapping.i_mmap_lock);
}

/**
 * Copies the current address space: every vma but VM_DONTCOPY ones, their policies, and the ptes, with private pages write-protected on
 * both sides. Locked memory is not locked in the child. The vma is linked before its ptes are copied, so that rmap and
 * swapoff find what they must.
 * @returns 0, or -ENOMEM with a part copied.
 */
export function* dup_mmap(this: K<'anon_vma_link' | 'get_file' | 'mpol_copy' | 'copy_page_range'>, mm: Mm, oldmm: Mm): MaySleep<number> {
  const { m } = this;
  if (!down_write_trylock(m, oldmm.mmap_sem)) yield* down_write(m, oldmm.mmap_sem);
  let last: Vma | null = null;
  let retval = 0;
  for (let mpnt = oldmm.mmap; mpnt !== null && retval === 0; mpnt = mpnt.vm_next) {
    if ((mpnt.vm_flags & VM_DONTCOPY) !== 0) {
      __vm_stat_account(mm, mpnt.vm_flags, mpnt.vm_file, -vma_pages(m, mpnt));
      continue;
    }
    const tmp = copy_vma_fields(mpnt, mm);
    tmp.vm_policy = this.mpol_copy(mpnt.vm_policy);
    tmp.vm_flags &= ~VM_LOCKED;
    linkToObjects(this, tmp, mpnt);
    spin_lock(m, mm.page_table_lock);
    if (last === null) mm.mmap = tmp;
    else last.vm_next = tmp;
    mm.mm_rb = rb_insert(mm.mm_rb, tmp, last, false); // in address order: always the right child of the last one
    last = tmp;
    mm.map_count++;
    retval = yield* this.copy_page_range(mm, oldmm, tmp);
    spin_unlock(m, mm.page_table_lock);
    vmop(this, tmp, 'open')?.call(this, tmp);
  }
  up_write(m, oldmm.mmap_sem);
  return retval;
}

/** Gives a new task its address space: none, the same (CLONE_VM), or a copy. @returns 0 or -ENOMEM. */
export function* copy_mm(this: K<'mm_alloc' | 'mm_init' | 'dup_mmap' | 'mmput'>, clone_flags: number, tsk: Task): MaySleep<number> {
  const oldmm = this.m.current.mm;
  tsk.mm = null;
  if (oldmm === null) return 0;
  if ((clone_flags & CLONE_VM) !== 0) {
    oldmm.mm_users++;
    tsk.mm = oldmm;
    return 0;
  }
  const mm = this.mm_alloc();
  mm.start_code = oldmm.start_code;
  mm.end_code = oldmm.end_code;
  mm.start_data = oldmm.start_data;
  mm.end_data = oldmm.end_data;
  mm.start_brk = oldmm.start_brk;
  mm.brk = oldmm.brk;
  mm.start_stack = oldmm.start_stack;
  mm.arg_start = oldmm.arg_start;
  mm.arg_end = oldmm.arg_end;
  mm.dumpable = oldmm.dumpable;
  mm.env_start = oldmm.env_start;
  mm.env_end = oldmm.env_end;
  mm.total_vm = oldmm.total_vm;
  mm.shared_vm = oldmm.shared_vm;
  mm.exec_vm = oldmm.exec_vm;
  mm.stack_vm = oldmm.stack_vm;
  let retval = yield* this.mm_init(mm);
  if (retval !== 0) return retval;
  retval = yield* this.dup_mmap(mm, oldmm);
  if (retval !== 0) {
    this.mmput(mm);
    return retval;
  }
  tsk.mm = mm;
  return 0;
}

/** The child's descriptor table: the same one, or a copy whose entries are the same open files. */
function copy_files(this: K<'get_file'>, clone_flags: number): FilesStruct {
  const old = this.m.current.files;
  if ((clone_flags & CLONE_FILES) !== 0) {
    old.count++;
    return old;
  }
  const files = newFiles();
  for (const [fd, file] of old) {
    this.get_file(file);
    files.set(fd, file);
  }
  return files;
}

/** The child's actions on signals: the same ones, or a copy. Signals that wait, and handlers that are to run, are the parent's. */
function copy_sighand(clone_flags: number, { sighand }: Task): SighandStruct {
  if ((clone_flags & (CLONE_SIGHAND | CLONE_THREAD)) === 0) return newSighand(sighand);
  sighand.count++;
  return sighand;
}

/** A process id nobody has, after the last one given out; -1 when there is none (kernel/pid.c). */
function alloc_pidmap(m: Machine): number {
  let pid = m.next_pid;
  for (let tries = 0; tries < PID_MAX_DEFAULT; tries++, pid++) {
    if (pid >= PID_MAX_DEFAULT) pid = RESERVED_PIDS;
    if (m.tasks.has(pid)) continue;
    m.next_pid = pid + 1;
    return pid;
  }
  return -1;
}

/** dup_task_struct() and the resets of copy_process(): the current task's credentials, CPUs and cpuset memory; no memory yet. */
function dup_task_struct(m: Machine, pid: number, clone_flags: number, files: FilesStruct): Task {
  const { current } = m;
  const thread = (clone_flags & CLONE_THREAD) !== 0;
  if (thread) {
    current.signal.count++;
    current.signal.live++;
  }
  const p = newTask(pid, current.comm, current.cpu, thread ? current.signal : newSignal(current.signal.rlim), files);
  p.sighand = copy_sighand(clone_flags, current);
  p.flags = current.flags;
  p.uid = current.uid; p.euid = current.euid; p.suid = current.suid; p.fsuid = current.fsuid;
  p.gid = current.gid; p.egid = current.egid; p.sgid = current.sgid;
  p.groups = current.groups;
  p.static_prio = current.static_prio;
  p.cap_effective = current.cap_effective;
  p.session = current.session;
  p.il_next = current.il_next;
  p.cpuset = current.cpuset;
  p.mems_allowed = nodes_copy(current.mems_allowed);
  p.cpuset_mems_generation = current.cpuset_mems_generation;
  p.cpus_allowed = current.cpus_allowed;
  p.oomkilladj = current.oomkilladj;
  p.start_time = m.now;
  p.exit_signal = thread ? -1 : clone_flags & CSIGNAL;
  return thread ? Object.assign(p, { tgid: current.tgid }) : p;
}

/** Takes a half-made task apart. */
function undo_copy_process(this: K<'fput' | 'mpol_free' | 'mmput'>, p: Task): void {
  if (p.mm !== null) this.mmput(p.mm);
  if (--p.files.count === 0) for (const file of p.files.values()) this.fput(file);
  this.mpol_free(p.mempolicy);
  p.signal.count--;
  p.signal.live--;
  p.sighand.count--;
}

/** Makes a task that is a copy of the current one as far as clone_flags say. @returns it, or a negative errno. */
export function* copy_process(this: K<'get_file' | 'fput' | 'mpol_copy' | 'mpol_free' | 'copy_mm' | 'mmput' | 'cpuset_fork'>, clone_flags: number, pid: number): MaySleep<Task | number> {
  const { m } = this;
  const { current } = m;
  if ((clone_flags & (CLONE_NEWNS | CLONE_FS)) === (CLONE_NEWNS | CLONE_FS)) return -EINVAL;
  if ((clone_flags & CLONE_THREAD) !== 0 && (clone_flags & CLONE_SIGHAND) === 0) return -EINVAL;
  if ((clone_flags & CLONE_SIGHAND) !== 0 && (clone_flags & CLONE_VM) === 0) return -EINVAL;
  const p = dup_task_struct(m, pid, clone_flags, copy_files.call(this, clone_flags));
  p.mempolicy = this.mpol_copy(current.mempolicy);
  const retval = yield* this.copy_mm(clone_flags, p);
  if (retval !== 0) {
    undo_copy_process.call(this, p);
    return retval;
  }
  spin_lock(m, m.tasklist_lock);
  // set while we slept in copy_mm(): the child would escape the kill
  if (current.pending.has(SIGKILL)) {
    spin_unlock(m, m.tasklist_lock);
    undo_copy_process.call(this, p);
    return -EINTR;
  }
  if ((clone_flags & CLONE_THREAD) !== 0) {
    if ((current.signal.flags & SIGNAL_GROUP_EXIT) !== 0) {
      spin_unlock(m, m.tasklist_lock);
      undo_copy_process.call(this, p);
      return -EAGAIN;
    }
    if (current.signal.group_stop_count > 0) { // the new thread has to stop as well
      current.signal.group_stop_count++;
      m.sigpending.add(p);
    }
  }
  p.cpus_allowed = current.cpus_allowed;
  p.cpu = current.cpu;
  p.parent = (clone_flags & (CLONE_PARENT | CLONE_THREAD)) !== 0 ? current.parent : current;
  // a thread hangs on its group in 2.6.12; here on its parent's list, where wait4() passes it over
  p.parent?.children.add(p);
  this.cpuset_fork(p);
  m.tasks.set(pid, p);
  spin_unlock(m, m.tasklist_lock);
  return p;
}

/** fork(), clone(), vfork(). @returns the pid of the new task or a negative errno. */
export function* do_fork(this: K<'copy_process'>, clone_flags: number): MaySleep<number> {
  const { m } = this;
  const pid = alloc_pidmap(m);
  if (pid < 0) return -EAGAIN;
  const p = yield* this.copy_process(clone_flags, pid);
  if (typeof p === 'number') return p;
  if ((clone_flags & CLONE_STOPPED) !== 0) p.state = 'T';
  return p.pid;
}

/** fork(), under a name of the kit's own: ia64 has no such system call, its C library calls clone() with nothing but the signal. */
export function* sys_fork(this: K<'do_fork'>): MaySleep<number> {
  return yield* this.do_fork(SIGCHLD);
}
/** clone() and clone2(), without the child's stack: what the child runs is the driver's business. */
export function* sys_clone(this: K<'do_fork'>, clone_flags: number): MaySleep<number> {
  return yield* this.do_fork(clone_flags);
}

/**
 * A kernel thread on a CPU of `node` (on any when that has none): no address space, child of the swapper. What it runs is given
 * to the driver by whoever makes it.
 */
export function kernel_thread(this: K<'cpuset_fork'>, comm: string, node: number): Task {
  const { m } = this;
  const pid = alloc_pidmap(m);
  const cpu = m.cpus.find(number => m.cpu_to_node[number] === node) ?? m.cpus[0]!;
  const p = newTask(pid, comm, cpu, newSignal(m.init_task.signal.rlim));
  p.cpuset = m.init_task.cpuset;
  p.mems_allowed = nodes_copy(m.init_task.mems_allowed);
  p.cpuset_mems_generation = m.init_task.cpuset_mems_generation;
  p.start_time = m.now;
  p.session = 1;
  p.parent = m.init_task;
  m.init_task.children.add(p);
  this.cpuset_fork(p);
  m.tasks.set(pid, p);
  return p;
}
