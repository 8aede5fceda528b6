/** What the vmas of a process map: which lines of maps speak of the same file. */
import type { MapsEntry } from './maps.js';
import type { ImportedObject, ImportedVma, ObjectKind } from './process.js';

const DELETED = ' (deleted)';
/** Names of maps that are no files: `[heap]`, `[anon:…]` (PR_SET_VMA_ANON_NAME, 5.17). `[anon_shmem:…]` (6.2) has an inode: shared anonymous memory. */
const isLabel = ({ name, inode }: MapsEntry): boolean => name === '' || (name.startsWith('[') && inode === 0);

/** /dev/zero mapped shared, memfd_create() and SysV segments live in a tmpfs that only the kernel sees (mm/shmem.c, ipc/shm.c). */
function kindOf({ name, shared }: MapsEntry): ObjectKind {
  if (/^\/SYSV[0-9a-f]{8}( \(deleted\))?$/.test(name)) return 'SysV segment';
  const kernels = /^\/memfd:/.test(name) || name.startsWith('[anon_shmem') || (shared && name === `/dev/zero${DELETED}`);
  return kernels ? 'shared memory' : 'file';
}

/** Whether its vmas have the policy of the object and not that of the process: all that is on a tmpfs a path tells of. */
export const isSharedMemory = ({ kind, path }: Pick<ImportedObject, 'kind' | 'path'>): boolean => kind !== 'file' || path.startsWith('/dev/shm/');

/** Collects the objects of the lines of maps, each once: a file is known by device, inode and name. */
export class Objects {
  readonly list: Omit<ImportedObject, 'pages'>[] = [];
  readonly #known = new Map<string, number>();

  /** The number of the object that a line maps; null for anonymous memory. */
  add(entry: MapsEntry): number | null {
    if (isLabel(entry)) return null;
    const key = `${entry.device} ${entry.inode} ${entry.name}`;
    let at = this.#known.get(key);
    if (at === undefined) {
      const kind = kindOf(entry);
      const deleted = entry.name.endsWith(DELETED);
      const path = deleted ? entry.name.slice(0, -DELETED.length) : entry.name;
      at = this.list.push({ kind, path: path.startsWith('/') ? path : `/${path}`, deleted }) - 1;
      this.#known.set(key, at);
    }
    return at;
  }

  /** The objects with their sizes: to the end of what the vmas map of them. */
  sized(vmas: readonly ImportedVma[], pageSize: number): ImportedObject[] {
    const pages = this.list.map(() => 0);
    for (const { object, offset, start, end } of vmas) if (object !== null) pages[object] = Math.max(pages[object]!, offset + (end - start) / pageSize);
    return this.list.map((object, at) => ({ ...object, pages: pages[at]! }));
  }
}
