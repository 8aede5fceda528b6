/** /proc/PID/maps (show_map() of fs/proc/task_mmu.c, 2.6.12). */
import { FIXADDR_USER_END, GATE_ADDR } from '@pmkit/mm-core/include/asm-ia64/processor';
import type { File } from '@pmkit/mm-core/include/linux/fs';
import { VM_EXEC, VM_MAYSHARE, VM_READ, VM_WRITE } from '@pmkit/mm-core/include/linux/mm_types';
import type { Machine, Task, Vma } from '@pmkit/mm-core';
import { hex, type View } from './view.js';

/** pad_len_spaces(): names stand in column 73 of a 64-bit kernel. */
const NAME_COLUMN = 25 + 8 * 6;

/** The path of a mapped file; one that has lost its name says so: `/tmp/x (deleted)`. */
export const pathOf = (file: File): string => file.f_inode.path;

/**
 * What 2.6.12 calls memory without a file, or ''. The heap is a vma that begins at or before start_brk and ends at or behind brk: one that
 * was split by mbind() or mprotect() has no name, and while brk is start_brk any vma around it has.
 */
export function mappedName({ vm_mm: mm, vm_start, vm_end, vm_file }: Vma): string {
  if (vm_file !== null) return pathOf(vm_file);
  if (vm_start <= mm.start_brk && vm_end >= mm.brk) return '[heap]';
  return vm_start <= mm.start_stack && vm_end >= mm.start_stack ? '[stack]' : '';
}

function line(range: string, name: string): string {
  return name === '' ? `${range}\n` : `${range.padEnd(NAME_COLUMN)}${range.length >= NAME_COLUMN ? ' ' : ''}${name}\n`;
}

/** The line of a vma. Anonymous memory has an offset too: its address, as do_mmap_pgoff() sets vm_pgoff. */
export function mapsLine(m: Machine, vma: Vma): string {
  const { vm_flags, vm_file } = vma;
  const bit = (flag: number, letter: string, none = '-'): string => ((vm_flags & flag) === 0 ? none : letter);
  const permissions = bit(VM_READ, 'r') + bit(VM_WRITE, 'w') + bit(VM_EXEC, 'x') + bit(VM_MAYSHARE, 's', 'p');
  const [major, minor] = vm_file === null ? [0, 0] : vm_file.f_inode.i_sb.s_dev;
  const inode = vm_file === null ? 0 : vm_file.f_inode.i_ino;
  const range = `${hex(vma.vm_start)}-${hex(vma.vm_end)} ${permissions} ${hex(vma.vm_pgoff * m.PAGE_SIZE)} ${hex(major, 2)}:${hex(minor, 2)} ${inode} `;
  return line(range, mappedName(vma));
}

/** The gate area: no vma of the process, but shown behind them (gate_vma_init() of mm/memory.c). */
export const GATE_LINE = line(`${hex(GATE_ADDR)}-${hex(FIXADDR_USER_END)} ---p 00000000 00:00 0 `, '[vdso]');

export const maps: View<Task> = {
  summary: 'the vmas of the process: addresses, permissions, file and offset',
  text({ m }, { mm }) {
    if (mm === null) return '';
    let text = '';
    for (let vma = mm.mmap; vma !== null; vma = vma.vm_next) text += mapsLine(m, vma);
    return text + GATE_LINE;
  },
};
