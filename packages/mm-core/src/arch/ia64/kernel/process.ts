/**
 * The first moments of a program in user mode: start_thread() of arch/ia64/kernel/process.c, which only sets registers there, and then
 * what the instructions at that address do. There are no instructions here, so the dynamic linker of glibc 2.3 and the C
 * start-up code are modelled by their system calls and by the pages they touch:
 *
 *     for each library   open, mmap of its whole extent from the file, gap back to PROT_NONE, data over it, bss over that, close
 *     relocation         stores into the beginning of every data segment (each copies a page)
 *     start-up code      instruction fetches from the beginning of every text segment
 *     locale             open, mmap read-only, close, one page looked at
 */
import { MAP_ANONYMOUS, MAP_DENYWRITE, MAP_FIXED, MAP_PRIVATE, PROT_EXEC, PROT_NONE, PROT_READ, PROT_WRITE } from '../../../include/asm-ia64/mman.js';
import { IA64_ISR_R, IA64_ISR_W, IA64_ISR_X } from '../../../include/asm-ia64/kregs.js';
import type { ElfProgram } from '../../../model/elf.js';
import { userAccess } from '../../../model/user-mode.js';
import type { Inode } from '../../../include/linux/fs.js';
import type { Address } from '../../../include/linux/types.js';
import type { MaySleep } from '../../../include/linux/wait.js';
import type { K } from '../../../kernel-table.js';

/** Where ld.so's data and bss go relative to its text, and the program's: the segments relocation and start-up touch. */
interface LoadedObject { readonly program: ElfProgram; readonly text: Address; readonly data: Address }

/** The first pages of a range. @returns whether all could be accessed. */
function* touchPages(k: K<'ia64_do_page_fault'>, start: Address, pages: number, isr: number): MaySleep<boolean> {
  for (let i = 0; i < pages; i++) if (!(yield* userAccess(k, start + i * k.m.PAGE_SIZE, isr))) return false;
  return true;
}

/** _dl_map_object() of ld.so. @returns where the library is; null when it cannot be mapped. */
function* mapLibrary(
  k: K<'path_lookup' | 'sys_open' | 'sys_close' | 'sys_mmap' | 'sys_mprotect' | 'ia64_do_page_fault'>, path: string,
): MaySleep<LoadedObject | null> {
  const { PAGE_SIZE } = k.m;
  const program = k.path_lookup(path)?.program;
  const fd = yield* k.sys_open(path, 0, 0);
  if (fd < 0) return null;
  if (program === undefined) {
    yield* k.sys_close(fd);
    return null;
  }
  const extent = program.text + program.gap + program.data + program.bss;
  const text = yield* k.sys_mmap(0, extent * PAGE_SIZE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_DENYWRITE, fd, 0);
  const data = text + (program.text + program.gap) * PAGE_SIZE;
  const bss = data + program.data * PAGE_SIZE;
  let ok = text >= 0;
  if (ok && program.gap > 0) yield* k.sys_mprotect(text + program.text * PAGE_SIZE, program.gap * PAGE_SIZE, PROT_NONE);
  if (ok && program.data > 0) {
    ok = (yield* k.sys_mmap(data, program.data * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_DENYWRITE, fd, program.text * PAGE_SIZE)) >= 0;
  }
  if (ok && program.bss > 0) {
    if (program.data > 0) ok = yield* userAccess(k, bss - PAGE_SIZE, IA64_ISR_W); // the rest of the last page of data
    if (ok) ok = (yield* k.sys_mmap(bss, program.bss * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0)) >= 0;
  }
  yield* k.sys_close(fd);
  return ok ? { program, text, data } : null;
}

/** Opens a locale file, maps all of it and looks at its head. One that is not there is done without. */
function* mapLocale(k: K<'path_lookup' | 'sys_open' | 'sys_close' | 'sys_mmap' | 'ia64_do_page_fault'>, path: string): MaySleep<void> {
  const size = k.path_lookup(path)?.i_size ?? 0;
  const fd = yield* k.sys_open(path, 0, 0);
  if (fd < 0) return;
  const at = size > 0 ? yield* k.sys_mmap(0, size, PROT_READ, MAP_PRIVATE, fd, 0) : -1;
  yield* k.sys_close(fd);
  if (at >= 0) yield* userAccess(k, at, IA64_ISR_R);
}

/**
 * Runs the start-up of the program that load_elf_binary() has mapped.
 * @param text where its text is
 * @param interpreter where the dynamic linker is; 0 for a static program
 */
export function* start_thread(
  this: K<'path_lookup' | 'sys_open' | 'sys_close' | 'sys_mmap' | 'sys_mprotect' | 'ia64_do_page_fault' | 'sys_exit'>, inode: Inode, text: Address,
  interpreter: Address,
): MaySleep<void> {
  const { m } = this;
  const mm = m.current.mm!;
  const program = inode.program!;
  const objects: LoadedObject[] = [];
  const linker = interpreter === 0 || program.interp === null ? undefined : this.path_lookup(program.interp)?.program;
  if (linker !== undefined) {
    const data = interpreter + (linker.text + linker.gap) * m.PAGE_SIZE;
    if (!(yield* touchPages(this, interpreter, linker.startup, IA64_ISR_X))) return;
    if (!(yield* touchPages(this, data, linker.relocated, IA64_ISR_W))) return;
    for (const path of program.needed) {
      const library = yield* mapLibrary(this, path);
      if (library === null) { // "error while loading shared libraries"
        yield* this.sys_exit(127);
        return;
      }
      objects.push(library);
    }
  }
  objects.push({ program, text, data: mm.start_data });
  if (linker !== undefined) {
    for (const object of objects) if (!(yield* touchPages(this, object.data, object.program.relocated, IA64_ISR_W))) return;
  }
  for (const object of objects) if (!(yield* touchPages(this, object.text, object.program.startup, IA64_ISR_X))) return;
  for (const path of program.locale) yield* mapLocale(this, path);
}
