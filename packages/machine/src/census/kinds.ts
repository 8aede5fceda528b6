/** What kind of memory a vma is, in the words of the overview. */
import { VM_EXEC, VM_GROWSDOWN, VM_SHARED, VM_WRITE, type Vma } from '@pmkit/mm-core/include/linux/mm_types';

export const VMA_KINDS = [
  'anonymous', 'heap', 'stack', 'program text', 'program data', 'library text', 'library data', 'private file', 'shared file',
  'read-only file', 'shared memory',
] as const;
export type VmaKind = (typeof VMA_KINDS)[number];

const LIBRARY = /\.so(?:\.[0-9.]+)?$/;

/**
 * The kind of a vma, by its file and flags. A vma of a shared library stays a library's when its pages were copied on write;
 * 2.6.12 tells the heap by start_brk and brk (fs/proc/task_mmu.c).
 */
export function vmaKind(vma: Vma, program: string | null): VmaKind {
  const { vm_flags, vm_file, vm_mm } = vma;
  if (vm_file === null) {
    if ((vm_flags & VM_GROWSDOWN) !== 0) return 'stack';
    return vma.vm_start <= vm_mm.brk && vma.vm_end > vm_mm.start_brk && vm_mm.brk > vm_mm.start_brk ? 'heap' : 'anonymous';
  }
  const writable = (vm_flags & VM_WRITE) !== 0;
  if (vm_file.f_inode.i_sb.s_type === 'tmpfs') return 'shared memory';
  if (LIBRARY.test(vm_file.f_path)) return writable ? 'library data' : 'library text';
  if (vm_file.f_path === program) return writable || (vm_flags & VM_EXEC) === 0 ? 'program data' : 'program text';
  if (!writable) return 'read-only file';
  return (vm_flags & VM_SHARED) !== 0 ? 'shared file' : 'private file';
}
