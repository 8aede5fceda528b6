/**
 * /proc (fs/proc/ of 2.6.12): the kernel's views (../../views) as files, and the directories of the processes, with what only the console
 * knows of them in addition.
 */
import { EACCES, EINVAL, EIO, ENOENT } from '@pmkit/mm-core/include/linux/errno';
import type { Task } from '@pmkit/mm-core';
import type { AnyKernel } from '@pmkit/series/levels';
import { PROC_FILES, type View } from '../../views/index.js';
import type { Process } from '../process.js';
import type { Mounts } from './mounts.js';
import type { Directory, Node } from './node.js';
import { processDirectory, taskNamed } from './proc-pid.js';
import { textFile, viewFile, VirtualDirectory, VirtualLink, type Device } from './virtual.js';

const DEVICE: Device = [0, 3];
/** Files of create_proc_read_entry(): who writes to one that cannot be written learns it from proc_file_write(), the others from vfs_write(). */
const READ_PROC = new Set(['cmdline', 'filesystems', 'loadavg', 'meminfo', 'sysvipc/shm', 'uptime', 'version']);

/** The root of /proc. Names in it cannot be made: not even open() finds a file to create. */
export function procRoot(k: AnyKernel, mounts: Mounts): Directory {
  const inProc = (task: Task): Directory => processDirectory(k, mounts, DEVICE, task);
  const root = new VirtualDirectory(DEVICE, '', {
    createError: -ENOENT,
    changing: {
      lookup(name): Node | undefined {
        const task = taskNamed(k, name);
        return task === undefined ? undefined : inProc(task);
      },
      *names() {
        for (const { pid, tgid } of k.m.tasks.values()) if (pid !== 0 && pid === tgid) yield String(pid);
      },
    },
  });
  root.add('self', new VirtualLink(DEVICE, '/self', (p: Process) => String(p.task.tgid)));
  root.addViews(PROC_FILES, (view: View, path) => viewFile(k, view, undefined, DEVICE, path, {
    ...(view.write === undefined ? { write: () => (READ_PROC.has(path.slice(1)) ? -EIO : -EINVAL) } : {}),
    // sysctl's own permission check knows no capabilities: a file nobody may write is not opened for writing by root either
    ...(path.startsWith('/sys/') && view.write === undefined ? { openError: (_p: Process, write: boolean) => (write ? -EACCES : 0) } : {}),
  }));
  root.add('mounts', new VirtualLink(DEVICE, '/mounts', () => 'self/mounts'));
  root.add('partitions', textFile(DEVICE, '/partitions', { mode: 0o444, text: () => partitions(k) }));
  return root;
}

/** /proc/partitions (show_partition() of drivers/block/genhd.c). Modelled: a disk has no size, so it is 0 blocks. */
const partitions = (k: AnyKernel): string => `major minor  #blocks  name\n\n${[...k.m.bdevs.values()].map(({ dev: [major, minor], name }) =>
  `${String(major).padStart(4)}  ${String(minor).padStart(4)} ${'0'.padStart(10)} ${name}\n`).join('')}`;
