/** The last strokes on an imported process: what the kernel knows of it besides its pages. */
import { vma_pages } from '@pmkit/mm-core/include/asm-ia64/page';
import { VM_IO, VM_LOCKED } from '@pmkit/mm-core/include/linux/mm_types';
import type { Machine, Task, Vma } from '@pmkit/mm-core';
import type { AnyKernel } from '@pmkit/series/levels';
import { formatList } from '@pmkit/mm-core/model/number-list';
import { must } from './must.js';
import type { ImportedProcess } from './process.js';

/**
 * Where text, heap and stack are: by these, numa_maps tells its `heap` and `stack`. They stand for what execve() and brk() have left; today
 * prctl(PR_SET_MM) sets them (3.3), for those who restore processes. The heap goes from the first vma of that name to the end of the last.
 */
export function setMarks(task: Task, { vmas, pageSize }: ImportedProcess, starts: readonly number[]): void {
  const mm = task.mm!;
  let heapEnd = 0;
  vmas.forEach(({ start, end, kind, permissions, object }, index) => {
    const at = starts[index]!;
    const top = at + end - start;
    if (kind === 'heap') {
      if (heapEnd === 0) mm.start_brk = at;
      mm.brk = heapEnd = top;
    }
    // within the highest page, so that the vma above has not the name as well
    if (kind === 'stack') mm.start_stack = top - pageSize / 2;
    if (mm.end_code === 0 && object !== null && permissions[2] === 'x') {
      mm.start_code = at;
      mm.end_code = top;
    }
  });
}

/**
 * VM_LOCKED as mlock2(MLOCK_ONFAULT) of 4.4 sets it: mlock() would fault in what is not there, and copy what is only read. VM_IO as the mmap() of a
 * device's driver does; there are no drivers here.
 */
export function setFlags(m: Machine, vmas: readonly Vma[], process: ImportedProcess): void {
  vmas.forEach((vma, index) => {
    const { locked, io } = process.vmas[index]!;
    if (io) vma.vm_flags |= VM_IO;
    if (!locked) return;
    vma.vm_flags |= VM_LOCKED;
    vma.vm_mm.locked_vm += vma_pages(m, vma);
  });
}

/** setresgid() and setresuid() by the task, which is root's so far. */
export function setCredentials(k: AnyKernel, task: Task, { uid, gid }: ImportedProcess): void {
  must(k, task, 'setresgid', ...gid);
  must(k, task, 'setresuid', ...uid);
}

/** CPUs by sched_setaffinity(), nodes by a cpuset of its own; nothing where all are allowed, or none that the machine has. */
export function confine(k: AnyKernel, task: Task, { cpus, mems, pid }: ImportedProcess): void {
  const { m } = k;
  const allowed = (cpus ?? m.cpus).filter((cpu) => m.cpus.includes(cpu));
  const nodes = (mems ?? m.node_ids).filter((node) => m.node_ids.includes(node));
  if (nodes.length > 0 && nodes.length < m.node_ids.length) {
    const path = `/pid-${pid}`;
    succeed(k.cpuset_mkdir(path), path);
    succeed(k.cpuset_write(path, 'cpus', formatList(m.cpus)), 'cpus');
    succeed(k.cpuset_write(path, 'mems', formatList(nodes)), 'mems');
    succeed(k.cpuset_write(path, 'tasks', String(task.pid)), 'tasks');
  }
  // attaching it to a cpuset gives it all CPUs of that
  if (allowed.length > 0 && allowed.length < m.cpus.length) must(k, m.init_task, 'sched_setaffinity', task.pid, allowed);
}

function succeed(result: number, what: string): void {
  if (result < 0) throw new Error(`import: cpuset ${what}: ${result}`);
}
