/**
 * execve() (fs/exec.c and fs/binfmt_elf.c of 2.6.12): a new address space with a program in it.
 *
 * A program is an inode with a description of its segments (model/elf.ts) instead of ELF headers to parse. The kernel maps
 * the program and the dynamic linker; what the dynamic linker and the start-up code then do in user mode is in
 * arch/ia64/kernel/process.ts.
 *
 * Differences that can be seen: addresses are not randomised (2.6.12 moves the stack by up to 8 MB), pages of arguments are allocated
 * after the old address space is gone, scripts and set-user-id programs are not known, a thread that executes keeps its own pid.
 */
import { MAP_DENYWRITE, MAP_EXECUTABLE, MAP_FIXED, MAP_PRIVATE, PROT_EXEC, PROT_READ, PROT_WRITE } from '../include/asm-ia64/mman.js';
import { page_start, vma_pages } from '../include/asm-ia64/page.js';
import { mk_pte, protection_map, pte_mkdirty, pte_mkwrite, pte_offset } from '../include/asm-ia64/pgtable.js';
import { DATA_BASE, STACK_TOP, TASK_UNMAPPED_BASE, TEXT_BASE } from '../include/asm-ia64/processor.js';
import { IA64_ISR_W } from '../include/asm-ia64/kregs.js';
import type { ElfProgram } from '../model/elf.js';
import { userAccess } from '../model/user-mode.js';
import { ELIBBAD, ENOENT, ENOEXEC, ENOMEM, EFAULT } from '../include/linux/errno.js';
import { MAY_EXEC, MAY_READ, type File, type Inode } from '../include/linux/fs.js';
import { GFP_HIGHUSER } from '../include/linux/gfp.js';
import { alloc_vma, VM_DATA_DEFAULT_FLAGS } from '../include/linux/mm.js';
import { VM_ACCOUNT, VM_GROWSDOWN, type Mm, type Vma } from '../include/linux/mm_types.js';
import { SIGCHLD, SIGKILL, type Task } from '../include/linux/sched.js';
import { newFiles, newSighand, newSignal } from '../model/objects.js';
import { down_write, down_write_trylock, spin_lock, spin_unlock, up_write } from '../include/linux/spinlock.js';
import type { Address, Page } from '../include/linux/types.js';
import type { MaySleep } from '../include/linux/wait.js';
import { nextContentToken } from '../machine.js';
import type { K } from '../kernel-table.js';

/** Pages kept below STACK_TOP for arguments and environment, and further ones that the first stack vma has. */
const MAX_ARG_PAGES = 32;
const EXTRA_STACK_VM_PAGES = 20;
/** Alignment of segments in files that ia64's linker makes (binutils' MAXPAGESIZE). */
const SEGMENT_ALIGN = 65_536;
/** ELF_ET_DYN_BASE: where a position-independent program goes, out of the way of mmap(). */
const ELF_ET_DYN_BASE = TASK_UNMAPPED_BASE + 0x8_0000_0000;
const VM_STACK_FLAGS = VM_GROWSDOWN | VM_DATA_DEFAULT_FLAGS | VM_ACCOUNT;
const TASK_COMM_LEN = 16;

/** open_exec(): the inode of something to be executed. @returns it or a negative errno. */
export function open_exec(this: K<'path_lookup' | 'permission'>, name: string): Inode | number {
  const inode = this.path_lookup(name);
  if (inode === null) return -ENOENT;
  const error = this.permission(inode, MAY_EXEC);
  return error !== 0 ? error : inode;
}

/**
 * execve() of a path for the current task. Until the old address space is dropped an error leaves everything as it was; after
 * that it kills the task.
 * @returns 0 (in user mode of the new program, after its start-up), or a negative errno.
 */
export function* do_execve(this: K<'open_exec' | 'mm_alloc' | 'mm_init' | 'flush_old_exec' | 'load_elf_binary' | 'send_sig'>, path: string): MaySleep<number> {
  const inode = this.open_exec(path);
  if (typeof inode === 'number') return inode;
  if (inode.program === undefined) return -ENOEXEC;
  if (inode.program.interp !== null) {
    const interpreter = this.open_exec(inode.program.interp);
    if (typeof interpreter === 'number') return interpreter;
    if (interpreter.program === undefined) return -ELIBBAD;
  }
  const mm = this.mm_alloc();
  const error = yield* this.mm_init(mm);
  if (error !== 0) return error;
  this.flush_old_exec(mm, path, inode);
  const retval = yield* this.load_elf_binary(inode);
  if (retval < 0) this.send_sig(SIGKILL, this.m.current);
  return retval;
}

/**
 * The other threads of the process are killed; actions on signals that are shared become private. 2.6.12 waits until they are gone and, if it is not the first thread that executes, gives
 * it that one's pid; here they keep the old signal_struct to die with, and the task goes on as a process of its own.
 */
export function de_thread(this: K<'zap_other_threads'>, tsk: Task): void {
  const { signal, sighand } = tsk;
  if (sighand.count > 1) {
    sighand.count--;
    tsk.sighand = newSighand(sighand);
  }
  if (signal.count === 1) return;
  this.zap_other_threads(tsk);
  signal.count--;
  signal.live--;
  tsk.signal = newSignal(signal.rlim);
  Object.assign(tsk, { tgid: tsk.pid });
  tsk.exit_signal = SIGCHLD;
}

/**
 * The point of no return: other threads of the process are killed, open files become private, the task gets the new mm and a new
 * name. Signals that wait, the ignored ones and the descriptors stay (close-on-exec is not modelled).
 * A process may be dumped unless its real and effective ids differ or it may not read the program.
 */
export function flush_old_exec(this: K<'de_thread' | 'flush_signal_handlers' | 'get_file' | 'mmput' | 'permission'>, mm: Mm, path: string, inode: Inode): void {
  const { m } = this;
  const { current } = m;
  this.de_thread(current);
  const { files } = current;
  if (files.count > 1) { // unshare_files()
    files.count--;
    current.files = newFiles();
    for (const [fd, file] of files) {
      this.get_file(file);
      current.files.set(fd, file);
    }
  }
  const old = current.mm;
  mm.dumpable = Number(current.euid === current.uid && current.egid === current.gid && this.permission(inode, MAY_READ) === 0);
  current.mm = mm;
  if (old !== null) this.mmput(old);
  current.comm = path.slice(path.lastIndexOf('/') + 1).slice(0, TASK_COMM_LEN - 1);
  this.flush_signal_handlers(current, 0);
}

/** elf_map() and the like: do_mmap_pgoff() with mmap_sem. */
export function* do_mmap(this: K<'do_mmap_pgoff'>, file: File | null, addr: Address, pages: number, prot: number, flags: number, pgoff: number): MaySleep<number> {
  const { m } = this;
  const mm = m.current.mm!;
  if (!down_write_trylock(m, mm.mmap_sem)) yield* down_write(m, mm.mmap_sem);
  const ret = yield* this.do_mmap_pgoff(file, addr, pages * m.PAGE_SIZE, prot, flags, pgoff);
  up_write(m, mm.mmap_sem);
  return ret;
}

/** bss from `start` on: the rest of the last page of data is cleared (padzero(), which copies that page), whole pages are mapped. */
function* setBss(k: K<'do_brk' | 'ia64_do_page_fault'>, start: Address, program: ElfProgram): MaySleep<number> {
  const { m } = k;
  if (program.bss === 0) return 0;
  const mm = m.current.mm!;
  if (!down_write_trylock(m, mm.mmap_sem)) yield* down_write(m, mm.mmap_sem);
  const addr = yield* k.do_brk(start, program.bss * m.PAGE_SIZE);
  up_write(m, mm.mmap_sem);
  if (addr < 0) return addr;
  return program.data === 0 || (yield* userAccess(k, start - m.PAGE_SIZE, IA64_ISR_W)) ? 0 : -EFAULT;
}

/**
 * Maps text and data of a file: text at `base`, or wherever there is room (base 0), data at `data_base`, or behind text and gap.
 * @returns where text is, or a negative errno. `end` of the result is where bss begins.
 */
function* mapSegments(
  k: K<'do_mmap'>, file: File, program: ElfProgram, base: Address, data_base: Address,
): MaySleep<{ text: number; data: Address; end: Address }> {
  const { PAGE_SIZE } = k.m;
  const flags = MAP_PRIVATE | MAP_DENYWRITE | (base === 0 ? 0 : MAP_FIXED | MAP_EXECUTABLE);
  const text = yield* k.do_mmap(file, base, program.text, PROT_READ | PROT_EXEC, flags, 0);
  let data = data_base === 0 ? text + (program.text + program.gap) * PAGE_SIZE : data_base;
  if (text >= 0 && program.data > 0) {
    const mapped = yield* k.do_mmap(file, data, program.data, PROT_READ | PROT_WRITE, flags | MAP_FIXED, program.text);
    if (mapped < 0) return { text: mapped, data: 0, end: 0 };
    data = mapped;
  }
  return { text, data, end: data + program.data * PAGE_SIZE };
}

/**
 * Fills the current task's new address space with the program of an inode and runs its start-up code.
 *
 *     region 2: text      region 3: data, bss = start of the heap ... register stack ... memory stack
 *     region 1: dynamic linker
 */
export function* load_elf_binary(
  this: K<
    | 'dentry_open' | 'fput' | 'setup_arg_pages' | 'do_mmap' | 'do_brk' | 'ia64_do_page_fault' | 'load_elf_interp' | 'ia64_init_addr_space'
    | 'start_thread'
  >,
  inode: Inode,
): MaySleep<number> {
  const { m } = this;
  const mm = m.current.mm!;
  const program = inode.program!;
  let retval = yield* this.setup_arg_pages(1);
  if (retval < 0) return retval;
  const fixed = program.e_type === 'ET_EXEC';
  const file = this.dentry_open(inode, 0, inode.shmem === null ? 'generic_file_vm_ops' : 'shmem_vm_ops');
  // data keeps its offset in the file modulo the segment alignment, so that one page of the file could serve both segments
  const data_base = fixed ? DATA_BASE + (program.text * m.PAGE_SIZE) % SEGMENT_ALIGN : 0;
  const { text, data, end } = yield* mapSegments(this, file, program, fixed ? TEXT_BASE : ELF_ET_DYN_BASE, data_base);
  this.fput(file);
  if (text < 0) return text;
  mm.start_code = text;
  mm.end_code = text + program.text * m.PAGE_SIZE;
  mm.start_data = data;
  mm.end_data = end;
  mm.start_brk = mm.brk = end + program.bss * m.PAGE_SIZE;
  retval = yield* setBss(this, end, program);
  if (retval < 0) return retval;
  let interpreter: Address = 0;
  if (program.interp !== null) {
    interpreter = yield* this.load_elf_interp(program.interp);
    if (interpreter < 0) return interpreter;
  }
  this.ia64_init_addr_space();
  yield* this.start_thread(inode, text, interpreter);
  return 0;
}

/** Maps the dynamic linker into region 1. @returns where, or a negative errno. */
export function* load_elf_interp(
  this: K<'open_exec' | 'dentry_open' | 'fput' | 'do_mmap' | 'do_brk' | 'ia64_do_page_fault'>, path: string,
): MaySleep<number> {
  const inode = this.open_exec(path);
  if (typeof inode === 'number') return inode;
  const file = this.dentry_open(inode, 0, inode.shmem === null ? 'generic_file_vm_ops' : 'shmem_vm_ops');
  const { text, end } = yield* mapSegments(this, file, inode.program!, 0, 0);
  this.fput(file);
  if (text < 0) return text;
  const error = yield* setBss(this, end, inode.program!);
  return error < 0 ? error : text;
}

/**
 * The stack: a vma below STACK_TOP that has room for what it holds and 20 pages more, and in it `pages` pages of arguments and
 * environment.
 */
export function* setup_arg_pages(this: K<'insert_vm_struct' | 'alloc_pages_current' | 'install_arg_page'>, pages: number): MaySleep<number> {
  const { m } = this;
  const mm = m.current.mm!;
  const count = Math.min(pages, MAX_ARG_PAGES);
  const top = STACK_TOP(m);
  mm.arg_start = top - count * m.PAGE_SIZE;
  mm.start_stack = mm.arg_end = mm.env_start = mm.arg_start;
  mm.env_end = top;
  const start = page_start(m, mm.arg_start) - EXTRA_STACK_VM_PAGES * m.PAGE_SIZE;
  const vma = alloc_vma(mm, start, top, VM_STACK_FLAGS | mm.def_flags, 0);
  if (!down_write_trylock(m, mm.mmap_sem)) yield* down_write(m, mm.mmap_sem);
  const error = this.insert_vm_struct(mm, vma);
  if (error === 0) {
    mm.stack_vm = mm.total_vm = vma_pages(m, vma);
    for (let address = mm.arg_start; address < top; address += m.PAGE_SIZE) {
      const page = yield* this.alloc_pages_current(GFP_HIGHUSER, 0);
      if (page === 0) {
        up_write(m, mm.mmap_sem);
        return -ENOMEM;
      }
      m.mem_map.content[page] = nextContentToken(m);
      yield* this.install_arg_page(vma, page, address);
    }
  }
  up_write(m, mm.mmap_sem);
  return error;
}

/** Maps a page that was filled before it had an address. Without memory for tables the task dies. */
export function* install_arg_page(this: K<'anon_vma_prepare' | 'pte_alloc_map' | 'lru_cache_add_active' | 'page_add_anon_rmap' | 'put_page' | 'send_sig'>, vma: Vma, page: Page, address: Address): MaySleep<void> {
  const { m } = this;
  const mm = vma.vm_mm;
  let installed = false;
  if (this.anon_vma_prepare(vma) === 0) {
    spin_lock(m, mm.page_table_lock);
    const pte = pte_offset(m, mm, address) || (yield* this.pte_alloc_map(mm, address));
    if (pte !== 0 && m.ptes[pte] === 0) {
      mm.rss++;
      this.lru_cache_add_active(page);
      m.ptes[pte] = pte_mkdirty(pte_mkwrite(mk_pte(page, protection_map(vma.vm_flags))));
      this.page_add_anon_rmap(page, vma, address);
      installed = true;
    }
    spin_unlock(m, mm.page_table_lock);
  }
  if (installed) return;
  this.put_page(page);
  this.send_sig(SIGKILL, m.current);
}
