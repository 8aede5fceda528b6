/** The files, tmpfs objects and SysV segments that an imported process maps, and their mappings. */
import { O_RDONLY, O_RDWR } from '@pmkit/mm-core/include/asm-ia64/fcntl';
import { MAP_ANONYMOUS, MAP_FIXED, MAP_GROWSDOWN, MAP_PRIVATE, MAP_SHARED, PROT_EXEC, PROT_NONE, PROT_READ, PROT_WRITE } from '@pmkit/mm-core/include/asm-ia64/mman';
import type { File } from '@pmkit/mm-core/include/linux/fs';
import type { Task } from '@pmkit/mm-core';
import type { AnyKernel } from '@pmkit/series/levels';
import { must } from './must.js';
import { ImportError } from './error.js';
import type { ImportedObject, ImportedProcess, ImportedVma } from './process.js';

const IPC_CREAT = 0o1000;
const IPC_EXCL = 0o2000;
const IPC_PRIVATE = 0;

/** PROT_* of `rwxp`. */
export function protectionOf({ permissions }: Pick<ImportedVma, 'permissions'>): number {
  return (permissions[0] === 'r' ? PROT_READ : PROT_NONE) | (permissions[1] === 'w' ? PROT_WRITE : PROT_NONE) | (permissions[2] === 'x' ? PROT_EXEC : PROT_NONE);
}

/** What the vma must allow while it is filled: more than in the end where, say, memory was written and then made read-only. */
export function protectionWhileFilled(vma: ImportedVma): number {
  const writes = vma.anon > 0 || (vma.permissions.endsWith('s') && vma.writable && vma.dirty > 0);
  return protectionOf(vma) | (vma.nodes.length > 0 ? PROT_READ : PROT_NONE) | (writes ? PROT_WRITE : PROT_NONE);
}

/** Maps every vma at its place, `starts` by index in `vmas`; `onMapped` is called after each. Names that are gone are gone afterwards. */
export function mapAll(k: AnyKernel, task: Task, process: ImportedProcess, starts: readonly number[], onMapped: (index: number) => void): void {
  const { objects, vmas } = process;
  const ofObjects: number[][] = objects.map(() => []);
  vmas.forEach((vma, at) => {
    if (vma.object !== null) ofObjects[vma.object]!.push(at);
    else {
      const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | (vma.kind === 'stack' ? MAP_GROWSDOWN : 0);
      must(k, task, 'mmap', starts[at], vma.end - vma.start, protectionWhileFilled(vma), flags, -1, 0);
      onMapped(at);
    }
  });
  // a name may be there once with its file and before that with files that are gone
  const order = objects.map((_, at) => at).sort((a, b) => Number(objects[b]!.deleted) - Number(objects[a]!.deleted) || a - b);
  for (const at of order) mapObject(k, task, process, objects[at]!, ofObjects[at]!, starts, onMapped);
}

function mapObject(
  k: AnyKernel, task: Task, { vmas }: ImportedProcess, object: ImportedObject, indexes: readonly number[], starts: readonly number[], onMapped: (index: number) => void,
): void {
  const { PAGE_SIZE } = k.m;
  const { open, done } = makeObject(k, task, object);
  for (const index of indexes) {
    const vma = vmas[index]!;
    const shared = vma.permissions.endsWith('s');
    const fd = open(shared && vma.writable);
    must(k, task, 'mmap', starts[index], vma.end - vma.start, protectionWhileFilled(vma), (shared ? MAP_SHARED : MAP_PRIVATE) | MAP_FIXED, fd, vma.offset * PAGE_SIZE);
    must(k, task, 'close', fd);
    onMapped(index);
  }
  done();
}

/** An object that is there: how it is opened (a descriptor of the task), and what remains to be done when all of it is mapped. */
interface Opener { readonly open: (write: boolean) => number; readonly done: () => void }

function makeObject(k: AnyKernel, task: Task, object: ImportedObject): Opener {
  const { path, kind, deleted, pages } = object;
  const bytes = pages * k.m.PAGE_SIZE;
  if (kind === 'file') {
    makeFile(k, object, bytes);
    return {
      open: (write) => must(k, task, 'open', path, write ? O_RDWR : O_RDONLY, 0),
      done: () => {
        if (deleted) must(k, task, 'unlink', path);
      },
    };
  }
  const file = kind === 'SysV segment' ? segment(k, task, object, bytes) : k.shmem_file_setup(path.slice(1), bytes, 0);
  if (typeof file === 'number') throw new ImportError({ file: path, field: 'size', found: `${bytes} bytes`, expected: 'what a tmpfs file can hold' });
  // what memfd_create() does with its file, and shmat() with that of the segment
  return {
    open: () => {
      let fd = 0;
      while (task.files.has(fd)) fd++;
      k.get_file(file);
      task.files.set(fd, file);
      return fd;
    },
    // a segment keeps its own reference
    done: () => {
      if (kind === 'shared memory') k.fput(file);
    },
  };
}

/** A file that was there before; one that is there already is used if it is large enough. */
function makeFile(k: AnyKernel, { path }: ImportedObject, bytes: number): void {
  const there = k.path_lookup(path);
  if (there !== null && there.i_size < bytes) {
    throw new ImportError({ file: path, field: 'size', found: `a file of ${there.i_size} bytes on the machine`, expected: `${bytes} bytes at least` });
  }
  if (there === null) k.new_inode(k.lookup_mnt(path)!, path, bytes, 0o777);
}

/** A segment of the key that its name tells, or a private one. Limits are raised as an administrator would. */
function segment(k: AnyKernel, task: Task, { path }: ImportedObject, bytes: number): File {
  const { m } = k;
  m.shm_ctlmax = Math.max(m.shm_ctlmax, bytes);
  m.shm_ctlall = Math.max(m.shm_ctlall, m.shm_tot + bytes / m.PAGE_SIZE + 1);
  const key = Number.parseInt(path.slice('/SYSV'.length), 16);
  const taken = [...m.shm.values()].some((other) => other.key === key);
  const id = must(k, task, 'shmget', key === 0 || taken ? IPC_PRIVATE : key, bytes, IPC_CREAT | IPC_EXCL | 0o666);
  return m.shm.get(id)!.file;
}
