/** /proc/PID (fs/proc/base.c of 2.6.12). A process that has ended and not been waited for has a directory still, but no memory to show. */
import { EACCES, EINVAL } from '@pmkit/mm-core/include/linux/errno';
import { VM_EXECUTABLE } from '@pmkit/mm-core/include/linux/mm_types';
import { CAP_DAC_OVERRIDE } from '@pmkit/mm-core/include/linux/sched';
import type { Task } from '@pmkit/mm-core';
import type { AnyKernel } from '@pmkit/series/levels';
import { PROC_PID_FILES, type View, type Views } from '../../views/index.js';
import type { Process } from '../process.js';
import type { Mounts } from './mounts.js';
import type { Directory, Node, SpecialFile } from './node.js';
import { capable } from './permission.js';
import type { Stream } from './stream.js';
import { oomFiles } from './proc-oom.js';
import { ROOT, viewFile, VirtualDirectory, VirtualLink, type Device, type Owner } from './virtual.js';

/** A pid or a thread's id as the name of a directory. */
export function taskNamed(k: AnyKernel, name: string): Task | undefined {
  return /^[1-9]\d{0,8}$/.test(name) ? k.m.tasks.get(Number(name)) : undefined;
}

/**
 * proc_pid_make_inode(): what is in /proc/PID is root's unless the task is dumpable (task_dumpable(): mm->dumpable is 1), as that of one that has changed its user, or has
 * no memory, is not. The directory itself is always the task's.
 */
function ownerOf(task: Task): { readonly directory: Owner; readonly inside: Owner } {
  const directory: Owner = { uid: task.euid, gid: task.egid };
  return { directory, inside: task.mm?.dumpable === 1 ? directory : ROOT };
}

/** What a process was started with, as long as it has memory to keep it in. */
const processOf = (task: Task, p: Process): Process | undefined => (task.mm === null ? undefined : p.box.processes.get(task));
const terminated = (words: Iterable<string>): string => Array.from(words, word => `${word}\0`).join('');

/** proc_exe_link(): the file of the first vma that was mapped as a program. */
function exeOf({ mm }: Task): string {
  for (let vma = mm?.mmap ?? null; vma !== null; vma = vma.vm_next) {
    if ((vma.vm_flags & VM_EXECUTABLE) !== 0 && vma.vm_file !== null) return vma.vm_file.f_inode.path;
  }
  return '';
}

/** Files of /proc/PID besides those that are views of the kernel alone. */
function pidViews(mounts: Mounts, p: Process): Views<Task> {
  return {
    cmdline: { summary: 'the arguments, each with a NUL behind it', text: (_k, task) => terminated(processOf(task, p)?.argv ?? []) },
    comm: { summary: 'the name', since: '2.6.33', text: (_k, task) => `${task.comm}\n` },
    environ: {
      summary: 'the environment, each variable with a NUL behind it', mode: 0o400,
      text: (_k, task) => terminated([...(processOf(task, p)?.env ?? [])].map(([name, value]) => `${name}=${value}`)),
    },
    mounts: { summary: 'what is mounted where', text: () => mounts.text() },
  };
}

/** The directory of a task; with its threads below task/, unless it is one of those itself. */
export function processDirectory(k: AnyKernel, mounts: Mounts, device: Device, task: Task, path = `/${task.pid}`): Directory {
  const { directory, inside: owner } = ownerOf(task);
  const file = (name: string, view: View<Task>): SpecialFile => viewFile(k, view, task, device, `${path}/${name}`, {
    owner, ...(view.write === undefined ? { write: () => -EINVAL } : {}),
  });
  const links: Readonly<Record<string, (p: Process) => string>> = {
    cwd: p => processOf(task, p)?.cwd ?? (task.mm === null ? '' : '/'), exe: () => exeOf(task), root: () => '/',
  };
  const isThread = path.includes('/task/');
  const own = (p: Process): Views<Task> => pidViews(mounts, p);
  return new VirtualDirectory(device, path, {
    owner: directory,
    changing: {
      lookup(name, p): Node | undefined {
        const view: View<Task> | undefined = (PROC_PID_FILES as Views<Task>)[name] ?? own(p)[name];
        if (view !== undefined) return file(name, view);
        const link = links[name];
        if (link !== undefined) return new VirtualLink(device, `${path}/${name}`, reader => guarded(owner, reader, link), owner);
        if (name === 'oom_adj' || name === 'oom_score') return oomFiles(k, task, device, path, owner)[name];
        if (name === 'fd') return fdDirectory(device, `${path}/fd`, task, owner);
        return name === 'task' && !isThread ? threadsDirectory(k, mounts, device, `${path}/task`, task, owner) : undefined;
      },
      *names(p) {
        yield* Object.keys(PROC_PID_FILES);
        yield* Object.keys(own(p));
        yield* Object.keys(links);
        yield* ['fd', 'oom_adj', 'oom_score'];
        if (!isThread) yield 'task';
      },
    },
  });
}

/** proc_pid_readlink(): where a process is and what it has open is shown to its owner and to root. */
const guarded = ({ uid }: Owner, p: Process, link: (p: Process) => string): string | number =>
  (p.task.fsuid === uid || capable(p.task, CAP_DAC_OVERRIDE) ? link(p) : -EACCES);

function threadsDirectory(k: AnyKernel, mounts: Mounts, device: Device, path: string, { tgid }: Task, owner: Owner): Directory {
  return new VirtualDirectory(device, path, {
    owner,
    changing: {
      lookup(name) {
        const thread = taskNamed(k, name);
        return thread?.tgid === tgid ? processDirectory(k, mounts, device, thread, `${path}/${name}`) : undefined;
      },
      *names() {
        for (const task of k.m.tasks.values()) if (task.tgid === tgid) yield String(task.pid);
      },
    },
  });
}

/** What stands at a descriptor that a shell has given a process: a terminal, a pipe, a file. Modelled: it is not opened anew, but shared. */
const sharedStream = (stream: Stream, attributes: SpecialFile['attributes']): SpecialFile => ({
  type: 'character', attributes, stream: () => stream,
  async write(p, data) {
    await stream.write(p, data);
    return data.length;
  },
});

/** The streams of a process by descriptor, but for those in whose place it has opened a file itself. */
function streamsOf(task: Task, owner: Process | undefined): ReadonlyMap<number, Stream> {
  const streams = new Map<number, Stream>();
  const given = new Set<number | undefined>();
  for (const fd of owner?.fds.numbers ?? []) given.add(owner!.fds.get(fd)!.fd);
  for (const fd of owner?.fds.numbers ?? []) if (!task.files.has(fd) || given.has(fd)) streams.set(fd, owner!.fds.get(fd)!);
  return streams;
}

/** /proc/PID/fd: a link for every open file. */
function fdDirectory(device: Device, path: string, task: Task, owner: Owner): Directory {
  return new VirtualDirectory(device, path, {
    owner, mode: 0o500,
    changing: {
      lookup(name, p): Node | undefined {
        if (!/^\d{1,9}$/.test(name)) return undefined;
        const fd = Number(name);
        const process = processOf(task, p);
        const stream = streamsOf(task, process).get(fd);
        const file = stream === undefined ? task.files.get(fd) : undefined;
        const link = `${path}/${name}`;
        if (file !== undefined) return new VirtualLink(device, link, reader => guarded(owner, reader, () => file.f_inode.path), owner);
        if (stream === undefined) return undefined;
        const node: VirtualLink = new VirtualLink(device, link, reader => guarded(owner, reader, () => stream.name), owner,
          () => sharedStream(stream, () => ({ ...node.attributes(), mode: 0o600 })));
        return node;
      },
      *names(p) {
        const process = processOf(task, p);
        const given = new Set(process?.fds.numbers.map(fd => process.fds.get(fd)!.fd));
        const own = [...task.files.keys()].filter(fd => !given.has(fd));
        for (const fd of new Set([...streamsOf(task, process).keys(), ...own])) yield String(fd);
      },
    },
  });
}
