/** System V shared memory: attaching and detaching (ipc/shm.c of 2.6.12). */
import { MAP_FIXED, MAP_SHARED, PROT_EXEC, PROT_READ, PROT_WRITE } from '../include/asm-ia64/mman.js';
import { EACCES, EINVAL } from '../include/linux/errno.js';
import type { File, VmOperations } from '../include/linux/fs.js';
import type { Vma } from '../include/linux/mm_types.js';
import { BUG, BUG_ON } from '../include/linux/kernel.js';
import { S_IRUGO, S_IWUGO, S_IXUGO, SHM_EXEC, SHM_RDONLY, SHM_REMAP, SHM_RND, SHMLBA } from '../include/linux/shm.js';
import { down_write, up_write } from '../include/linux/spinlock.js';
import type { Address } from '../include/linux/types.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';

export const shm_vm_ops: VmOperations = {
  open: 'shm_open', close: 'shm_close', nopage: 'shmem_nopage', set_policy: 'shmem_set_policy', get_policy: 'shmem_get_policy',
};

/** One attachment less; the last one destroys a segment that IPC_RMID has marked. */
function detach(k: K<'shm_destroy'>, id: number): void {
  const { m } = k;
  const shp = m.shm.get(id);
  if (shp === undefined) BUG(m, 'ipc/shm.c:shm_close()');
  shp.nattch--;
  BUG_ON(m, shp.nattch < 0, 'ipc/shm.c:shm_close()');
  if (shp.nattch === 0 && shp.destroyed) k.shm_destroy(shp);
}

/** fork() or a split has copied a vma that maps a segment. */
export function shm_open(this: K<'shm_inc'>, vma: Vma): void {
  this.shm_inc(vma.vm_file!.f_inode.i_ino);
}

/** A vma that maps a segment is gone. */
export function shm_close(this: K<'shm_destroy'>, vma: Vma): void {
  const { m } = this;
  const id = vma.vm_file!.f_inode.i_ino;
  const shp = m.shm.get(id);
  if (shp !== undefined) shp.lpid = m.current.tgid;
  detach(this, id);
}

/** file->f_op->mmap() of a segment. */
export function shm_mmap(this: K<'shm_inc'>, file: File, vma: Vma): number {
  vma.vm_ops = 'shm_vm_ops';
  this.shm_inc(file.f_inode.i_ino);
  return 0;
}

/** Maps a segment; its address or an errno. A segment marked for destruction can still be attached by its id. */
export function* sys_shmat(
  this: K<'shm_checkid' | 'ipcperms' | 'find_vma_intersection' | 'do_mmap_pgoff' | 'shm_destroy'>, shmid: number, shmaddr: Address, shmflg: number,
): MaySleep<number> {
  const { m } = this;
  let addr = shmaddr;
  if (shmid < 0) return -EINVAL;
  if (addr !== 0) {
    if (addr % SHMLBA !== 0) {
      if ((shmflg & SHM_RND) !== 0) addr -= addr % SHMLBA;
      else if (addr % m.PAGE_SIZE !== 0) return -EINVAL;
    }
  } else if ((shmflg & SHM_REMAP) !== 0) return -EINVAL;
  const exec = (shmflg & SHM_EXEC) !== 0;
  const read_only = (shmflg & SHM_RDONLY) !== 0;
  const prot = PROT_READ | (read_only ? 0 : PROT_WRITE) | (exec ? PROT_EXEC : 0);
  const acc_mode = S_IRUGO | (read_only ? 0 : S_IWUGO) | (exec ? S_IXUGO : 0);
  const shp = this.shm_checkid(shmid);
  if (typeof shp === 'number') return shp;
  if (this.ipcperms(shp, acc_mode) !== 0) return -EACCES;
  const { file } = shp;
  const size = file.f_inode.i_size;
  /* Counted while we map it, so that the segment is not destroyed under us. */
  shp.nattch++;
  const mm = m.current.mm!;
  yield* down_write(m, mm.mmap_sem);
  let result = -EINVAL;
  const may_overlap = addr === 0 || (shmflg & SHM_REMAP) !== 0;
  /* Below the stack some pages are left for it to grow. */
  const under_stack = addr < mm.start_stack && addr > mm.start_stack - size - m.PAGE_SIZE * 5;
  if (may_overlap || (this.find_vma_intersection(mm, addr, addr + size) === null && !under_stack)) {
    result = yield* this.do_mmap_pgoff(file, addr, size, prot, shmaddr === 0 ? MAP_SHARED : MAP_SHARED | MAP_FIXED, 0);
  }
  up_write(m, mm.mmap_sem);
  detach(this, shmid);
  return result;
}

/**
 * Unmaps the segment that was attached at an address, with all pieces that mprotect() or munmap() have cut its mapping
 * into. -EINVAL when there is none.
 */
export function* sys_shmdt(this: K<'find_vma' | 'do_munmap'>, shmaddr: Address): MaySleep<number> {
  const { m } = this;
  const mm = m.current.mm!;
  yield* down_write(m, mm.mmap_sem);
  let size = -1;
  let vma = this.find_vma(mm, shmaddr);
  while (vma !== null && (size < 0 || vma.vm_end - shmaddr <= size)) {
    const next: Vma | null = vma.vm_next;
    if (vma.vm_ops === 'shm_vm_ops' && Math.floor((vma.vm_start - shmaddr) / m.PAGE_SIZE) === vma.vm_pgoff) {
      /* The first one says how large the segment is, and so where the last piece can be. */
      if (size < 0) size = vma.vm_file!.f_inode.i_size;
      yield* this.do_munmap(mm, vma.vm_start, vma.vm_end - vma.vm_start);
    }
    vma = next;
  }
  up_write(m, mm.mmap_sem);
  return size < 0 ? -EINVAL : 0;
}
