/** What the page cache counts of its pages' states, and who uses open files and inodes. */
import { PAGECACHE_TAG_DIRTY, PAGECACHE_TAG_WRITEBACK, type AddressSpace, type File, type Inode } from '../../include/linux/fs.js';
import { PageDirty, PageWriteback } from '../../include/linux/page-flags.js';
import type { FilesStruct } from '../../include/linux/sched.js';
import type { Page } from '../../include/linux/types.js';
import { BUDDY, PCP, type Census } from './census.js';

/**
 * The tags of a page in a radix tree against its flags. Between two steps of writing back they may differ, and swap cache pages are made
 * dirty without a tag.
 */
export function checkTags(census: Census, mapping: AddressSpace, page: number, index: number, dirty: boolean, writeback: boolean): void {
  const { m, violations } = census;
  if (!census.atRest || mapping === m.swapper_space) return;
  const name = `page ${page}: in mapping ${mapping.id} at index ${index}`;
  if (PageDirty(m.mem_map, page as Page) && !dirty) violations.push(`${name}, dirty, but without tag ${PAGECACHE_TAG_DIRTY}: sync would not find it`);
  if (PageWriteback(m.mem_map, page as Page) !== writeback) violations.push(`${name}, tag ${PAGECACHE_TAG_WRITEBACK} is ${writeback ? 'set' : 'clear'}, unlike PG_writeback`);
}

/** nr_dirty: what is dirty in file systems on disks; nr_writeback: all pages under writeback. */
export function checkPageStates(census: Census): void {
  const { m, violations, seen, place } = census;
  const { mem_map: mem } = m;
  let dirty = 0;
  let writeback = 0;
  for (const frame of seen) {
    const page = frame as Page;
    if (place[page] === BUDDY || place[page] === PCP) continue;
    if (PageWriteback(mem, page)) writeback++;
    const mapping = mem.mapping[page]!;
    if (!PageDirty(mem, page) || mapping === 0 || (mapping & 1) !== 0) continue;
    const host = m.mappings[mapping >>> 1]?.host ?? null;
    if (host !== null && host.shmem === null) dirty++;
  }
  const { nr_dirty, nr_writeback } = m.page_state;
  if (nr_writeback !== writeback) violations.push(`nr_writeback is ${nr_writeback}, expected ${writeback}`);
  if (census.atRest && nr_dirty !== dirty) violations.push(`nr_dirty is ${nr_dirty}, expected ${dirty}`);
}

/** f_count of open files: descriptors, mappings, System V segments; i_count of inodes: open files. Whoever is in the kernel may hold more. */
export function checkFileUsers(census: Census): void {
  const { m, violations } = census;
  const users = new Map<File, number>();
  const use = (file: File | null): void => {
    if (file !== null) users.set(file, (users.get(file) ?? 0) + 1);
  };
  const tables = new Set<FilesStruct>();
  for (const { files } of m.tasks.values()) tables.add(files);
  for (const table of tables) for (const file of table.values()) use(file);
  for (const mm of m.mms.values()) for (let vma = mm.mmap; vma !== null; vma = vma.vm_next) use(vma.vm_file);
  for (const { id, file, nattch, destroyed } of m.shm.values()) {
    /* shm_nattch counts vmas, and each of them has the segment's own file. */
    const expected = users.get(file) ?? 0;
    if (nattch < expected || (census.atRest && nattch > expected)) violations.push(`shared memory segment ${id}: shm_nattch is ${nattch}, expected ${expected}`);
    if (census.atRest && destroyed && expected === 0) violations.push(`shared memory segment ${id}: marked for destruction and not attached, expected gone`);
    use(file);
  }

  const opened = new Map<Inode, number>();
  for (const [file, expected] of users) {
    opened.set(file.f_inode, (opened.get(file.f_inode) ?? 0) + 1);
    if (file.f_count < expected || (census.atRest && file.f_count > expected)) violations.push(`open file ${file.f_path}: f_count is ${file.f_count}, expected ${expected}`);
  }
  for (const mapping of m.mappings) {
    const inode = mapping?.host ?? null;
    if (inode === null) continue;
    const expected = opened.get(inode) ?? 0;
    opened.delete(inode);
    if (inode.i_count < expected || (census.atRest && inode.i_count > expected)) violations.push(`inode ${inode.path}: i_count is ${inode.i_count}, expected ${expected}`);
    if (census.atRest && expected === 0 && inode.i_nlink === 0) violations.push(`inode ${inode.path}: nobody uses it and it has no name, expected gone`);
  }
  for (const inode of opened.keys()) violations.push(`inode ${inode.path}: open, but it does not exist`);
}
