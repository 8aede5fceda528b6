/**
 * /proc/PID/smaps: the line of maps, and what of the vma is resident. 2.6.12 had none; 2.6.14 brought it with the sizes from Size to Private_Dirty. The
 * other fields and their order are those of Linux 6.1 (show_smap() of fs/proc/task_mmu.c), without those for things that do not exist here
 * (huge pages, lazily freed pages, swap of shared memory). Its rules too: the zero page is not resident, and a page is dirty or referenced
 * when its pte or the page itself is.
 */
import { pte_dirty, pte_file, pte_none, pte_page, pte_present, pte_young } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import { FIXADDR_USER_END, GATE_ADDR } from '@pmkit/mm-core/include/asm-ia64/processor';
import { page_mapcount, PageAnon } from '@pmkit/mm-core/include/linux/mm';
import {
  VM_ACCOUNT, VM_DENYWRITE, VM_DONTCOPY, VM_DONTEXPAND, VM_EXEC, VM_GROWSDOWN, VM_IO, VM_LOCKED, VM_MAYEXEC, VM_MAYREAD, VM_MAYSHARE, VM_MAYWRITE,
  VM_RAND_READ, VM_READ, VM_SEQ_READ, VM_SHARED, VM_WRITE,
} from '@pmkit/mm-core/include/linux/mm_types';
import { PageDirty, PageReferenced, PageReserved } from '@pmkit/mm-core/include/linux/page-flags';
import type { Pte } from '@pmkit/mm-core/include/linux/types';
import type { Machine, Task, Vma } from '@pmkit/mm-core';
import { GATE_LINE, mapsLine } from './maps.js';
import { eachPteRun } from './ptes.js';
import { kB, type View } from './view.js';

/** Pages are shared out in units of 2^-12 of a byte. */
const PSS_UNITS = 4096;

/** Sizes of a vma in pages, but for pss: in 1/4096 bytes. */
interface Sizes {
  rss: number; pss: number; sharedClean: number; sharedDirty: number; privateClean: number; privateDirty: number; referenced: number; anonymous: number; swap: number;
}

const noSizes = (): Sizes => ({ rss: 0, pss: 0, sharedClean: 0, sharedDirty: 0, privateClean: 0, privateDirty: 0, referenced: 0, anonymous: 0, swap: 0 });

function sizesOf(m: Machine, vma: Vma): Sizes {
  const { ptes, mem_map: mem } = m;
  const sizes = noSizes();
  eachPteRun(m, vma, (first, end) => {
    for (let i = first; i < end; i++) {
      const pte = ptes[i] as Pte;
      if (pte_none(pte)) continue;
      if (!pte_present(pte)) {
        if (!pte_file(pte)) sizes.swap++;
        continue;
      }
      const page = pte_page(pte);
      if (PageReserved(mem, page)) continue;
      // a fault may be under way, which counts the pte in the next step
      const mapcount = Math.max(1, page_mapcount(mem, page));
      const dirty = pte_dirty(pte) || PageDirty(mem, page);
      sizes.rss++;
      sizes.pss += Math.floor((m.PAGE_SIZE * PSS_UNITS) / mapcount);
      if (mapcount > 1) {
        if (dirty) sizes.sharedDirty++;
        else sizes.sharedClean++;
      } else if (dirty) sizes.privateDirty++;
      else sizes.privateClean++;
      if (pte_young(pte) || PageReferenced(mem, page)) sizes.referenced++;
      if (PageAnon(mem, page)) sizes.anonymous++;
    }
  });
  return sizes;
}

/** Names of vm_flags in Linux 3.8 and later, in the order of the bits; flags of 2.6.12 that had gone by then have none. */
const FLAG_NAMES: readonly (readonly [flag: number, name: string])[] = [
  [VM_READ, 'rd'], [VM_WRITE, 'wr'], [VM_EXEC, 'ex'], [VM_SHARED, 'sh'], [VM_MAYREAD, 'mr'], [VM_MAYWRITE, 'mw'], [VM_MAYEXEC, 'me'], [VM_MAYSHARE, 'ms'],
  [VM_GROWSDOWN, 'gd'], [VM_DENYWRITE, 'dw'], [VM_LOCKED, 'lo'], [VM_IO, 'io'], [VM_SEQ_READ, 'sr'], [VM_RAND_READ, 'rr'], [VM_DONTCOPY, 'dc'],
  [VM_DONTEXPAND, 'de'], [VM_ACCOUNT, 'ac'],
];

/** The lines below that of maps. Sizes in kilobytes but for those of `sizes`. */
function rows(m: Machine, size: number, sizes: Sizes, locked: boolean, flags: string): string {
  const row = (name: string, kilobytes: number): string => `${`${name}:`.padEnd(16)}${String(kilobytes).padStart(8)} kB\n`;
  const pages = (name: string, count: number): string => row(name, kB(m, count));
  const pageSize = m.PAGE_SIZE / 1024;
  const pss = Math.floor(sizes.pss / PSS_UNITS / 1024);
  return row('Size', size) + row('KernelPageSize', pageSize) + row('MMUPageSize', pageSize) + pages('Rss', sizes.rss) + row('Pss', pss)
    + pages('Shared_Clean', sizes.sharedClean) + pages('Shared_Dirty', sizes.sharedDirty) + pages('Private_Clean', sizes.privateClean)
    + pages('Private_Dirty', sizes.privateDirty) + pages('Referenced', sizes.referenced) + pages('Anonymous', sizes.anonymous)
    + pages('Swap', sizes.swap) + row('Locked', locked ? pss : 0) + `VmFlags: ${flags}\n`;
}

/** The entry of a vma: its line in maps and a line for each size. */
function smapsEntry(m: Machine, vma: Vma): string {
  const { vm_flags } = vma;
  const flags = FLAG_NAMES.map(([flag, name]) => ((vm_flags & flag) === 0 ? '' : `${name} `)).join('');
  return mapsLine(m, vma) + rows(m, (vma.vm_end - vma.vm_start) / 1024, sizesOf(m, vma), (vm_flags & VM_LOCKED) !== 0, flags);
}

export const smaps: View<Task> = {
  summary: 'how much of each vma is in memory, shared, dirty, referenced, swapped out',
  since: '2.6.14',
  text({ m }, { mm }) {
    if (mm === null) return '';
    let text = '';
    for (let vma = mm.mmap; vma !== null; vma = vma.vm_next) text += smapsEntry(m, vma);
    // the gate area belongs to no mm, so nothing of it is counted
    return text + GATE_LINE + rows(m, (FIXADDR_USER_END - GATE_ADDR) / 1024, noSizes(), false, '');
  },
};
