/**
 * The simulated machine that a recording is replayed on: the nodes, CPUs and memory of the recorded one, a kernel of one level, its processes and what
 * they have mapped.
 *
 * What differs from the recorded machine by design: ia64 with 4 KB pages in place of x86-64, one zone a node, ext3 where ext4 was.
 */
import { runKernel, spawn, syscall, type MaySleep, type Task } from '@pmkit/mm-core';
import { pte_offset } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import { MPOL_BIND } from '@pmkit/mm-core/include/linux/mempolicy';
import { CAP_FULL_SET, SIGKILL } from '@pmkit/mm-core/include/linux/sched';
import type { Pte } from '@pmkit/mm-core/include/linux/types';
import { MachineBuffers } from '@pmkit/series/catalogue';
import { bootAt, type AnyKernel } from '@pmkit/series/levels';
import type { BootRecord } from './recording.js';

export const PAGE = 4096;

/**
 * ia64's region 0, where every byte has a number of its own (see Address): some operations name bytes. What the program itself has lies 16 MB apart at the bottom; the
 * scenario's regions lie 1 GB apart above it.
 */
const IMAGE_STEP = 2 ** 24;
const REGION_STEP = 2 ** 30;
/**
 * The recorded interleaving (which goes by page number) starts its round with the first node in the first region of a process whatever the number of nodes (2, 3, 10), and is four
 * pages on, of ten, in the next: so the first begins at a page number that 2, 3 and 5 divide, and they are a power of two apart.
 */
const FIRST_REGION = ((): number => {
  let address = REGION_STEP;
  while ((address / PAGE) % 30 !== 0) address += PAGE;
  return address;
})();

/** A mapped range of a process; the address in bytes. */
export interface Area {
  readonly address: number;
  readonly pages: number;
  /** Anonymous memory has none. */
  readonly file: string | null;
}
export interface Proc {
  readonly name: string;
  readonly task: Task;
  readonly thread: boolean;
  /** What the scenario mapped, by name; how many so far, unmapped ones included. */
  readonly regions: Map<string, Area>;
  placed: number;
  /** What the program itself has, by the name it has in the recording. */
  readonly image: Map<string, Area>;
  /** The scenario knows that it is dead. */
  collected: boolean;
  /** Pages that a pin holds. */
  readonly pinned: number[];
  /** task.il_next when the operation began. */
  nextInterleaved: number;
  /** Touches these pages all the time, while others do something. */
  spin: { readonly address: number; readonly pages: number; readonly write: boolean } | null;
}

/** What a page was last written with. */
interface Written { readonly index: number; readonly tag: number }

const CAPABILITIES: Readonly<Record<string, number>> = {
  chown: 0, dac_override: 1, dac_read_search: 2, fowner: 3, kill: 5, setgid: 6, setuid: 7, net_admin: 12, ipc_lock: 14, ipc_owner: 15, sys_module: 16,
  sys_rawio: 17, sys_ptrace: 19, sys_admin: 21, sys_boot: 22, sys_nice: 23, sys_resource: 24,
};

/** Files of the recorded machine's ram disk, which is in memory only: here tmpfs. */
export const RAM_DISK = '/initramfs';
/** Mount points of the recordings, and the file system there; ext4 is ext3 here. */
const MOUNTS = [['/mnt/ext4', 'ext3'], ['/mnt/ext3', 'ext3'], ['/mnt/ext2', 'ext2'], ['/mnt/xfs', 'xfs'], ['/mnt/tmpfs', 'tmpfs'], [RAM_DISK, 'tmpfs']] as const;

export class World {
  readonly k: AnyKernel;
  /** Root, on the first CPU: does what no process of the scenario does. */
  readonly runner: Task;
  readonly procs = new Map<string, Proc>();
  /** By content token. */
  readonly written = new Map<number, Written>();
  readonly #swap: ReturnType<AnyKernel['add_disk']>;
  readonly #swapPages: number;
  readonly #fallback: BootRecord['fallback'];
  readonly #buffers = new MachineBuffers();

  constructor(boot: BootRecord, level: number) {
    const nodes = boot.nodes.map(({ id, pages, cpus }) => ({ id, pages, cpus }));
    this.k = bootAt(level, { name: 'recorded', pageSize: PAGE, nodes, distances: boot.nodes.map(node => node.distances), buffer: this.#buffers.allocate });
    this.runner = spawn(this.k, { comm: 'runner', cpu: this.k.m.cpus[0]! });
    MOUNTS.forEach(([root, type], i) => {
      this.k.new_super_block(type, root, type === 'tmpfs' ? null : this.k.add_disk(`sd${String.fromCharCode(98 + i)}`, 8, 16 * (i + 1), 1), PAGE);
    });
    this.#fallback = boot.fallback;
    this.#swap = this.k.add_disk('swap', 8, 160, 1);
    this.#swapPages = Math.min(2 ** 16, nodes.reduce((sum, node) => sum + node.pages, 0));
  }

  /** Nobody uses the machine any more: the next one gets its memory. */
  end(): void {
    this.#buffers.release(this.k.m);
  }

  /** A system call; a negative result is an errno, NO_RESULT means that the task did not come back. */
  call(task: Task, name: string, ...args: readonly unknown[]): number {
    return syscall(this.k, task, name, ...args);
  }
  /** A system call that cannot fail on a sound machine with room. @throws {RangeError} when it does. */
  must(task: Task, name: string, ...args: readonly unknown[]): number {
    const result = this.call(task, name, ...args);
    if (result < 0) throw new RangeError(`${task.comm}[${task.pid}]: ${name}() returned ${result}: ${this.k.m.log.at(-1)?.text ?? 'the log is empty'}`);
    return result;
  }
  /** Has a task go through a kernel function that no system call enters by itself, whether the function may sleep or not. */
  enter<T>(task: Task, body: () => T | MaySleep<T>): T {
    return runKernel(this.k, task, path(body));
  }

  /**
   * With a swap area for the time of `action`: anonymous memory needs a free slot to be migrated in this tree (facts of migrate_onepage(): -ENOSPC), although nothing is written to
   * it, and the recorded machine had no swap that its programs could have run into.
   */
  withSwap<T>(action: () => T): T {
    const added = this.k.m.total_swap_pages === 0 && this.swap(true) === 0;
    try {
      return action();
    } finally {
      if (added) this.swap(false);
    }
  }

  proc(name: string): Proc {
    const proc = this.procs.get(name);
    if (proc === undefined) throw new RangeError(`there is no process ${name}`);
    return proc;
  }
  alive(proc: Proc): boolean {
    const { state } = proc.task;
    return state !== 'Z' && state !== 'X' && this.k.m.tasks.get(proc.task.pid) === proc.task;
  }
  /** Enters a task under its name; a thread shares what its process has, a child begins with what its parent has. */
  addProc(name: string, task: Task, thread: Proc | null = null, parent: Proc | null = null): Proc {
    const from = thread ?? parent;
    task.comm = name;
    const proc: Proc = {
      name, task, thread: thread !== null, regions: thread?.regions ?? new Map(from?.regions), placed: from?.placed ?? 0, image: thread?.image ?? new Map(from?.image),
      collected: false, pinned: [], nextInterleaved: 0, spin: null,
    };
    this.procs.set(name, proc);
    return proc;
  }

  /** Makes a process of a user without the capabilities named. @throws {RangeError} for a capability that is none. */
  spawn(name: string, uid: number, cpu: number, nocap: readonly string[]): Proc {
    const task = spawn(this.k, { comm: name, uid, cpu, parent: this.runner });
    task.mempolicy = null;
    for (const cap of nocap) {
      const bit = CAPABILITIES[cap];
      if (bit === undefined) throw new RangeError(`expected a capability of 2.6.12 such as sys_nice, found '${cap}'`);
      task.cap_effective &= CAP_FULL_SET & ~(1 << bit);
    }
    return this.addProc(name, task);
  }

  /** SIGKILL, and the parent collects the child. @returns 0 or an errno */
  kill(proc: Proc): number {
    const { task } = proc;
    const result = this.call(this.runner, 'kill', task.pid, SIGKILL);
    this.reap(proc);
    return result;
  }
  /** The parent of a process that has ended collects it. */
  reap({ task }: Proc): void {
    const { parent } = task;
    if (task.state === 'Z' && parent !== null && parent.state === 'R' && parent.pid !== 0) this.call(parent, 'wait4', task.pid, null, 0);
  }
  /** Adds the swap area for good, or takes it away. */
  swap(on: boolean): number {
    return on ? this.call(this.runner, 'swapon', this.#swap, this.#swapPages, 0) : this.call(this.runner, 'swapoff', this.#swap);
  }

  /** Where the next region of a process goes. */
  nextRegion(proc: Proc): number {
    return FIRST_REGION + proc.placed++ * REGION_STEP;
  }
  nextImage(proc: Proc): number {
    return (1 + proc.image.size) * IMAGE_STEP;
  }

  /** Has a task allocate on one node only while `action` runs; its policy afterwards is what it was before. */
  onNode<T>(task: Task, node: number, action: () => T): T {
    const before = task.mempolicy;
    task.mempolicy = null;
    this.must(task, 'set_mempolicy', MPOL_BIND, maskOf([node]), MASK_BITS);
    try {
      return action();
    } finally {
      this.k.mpol_free(task.mempolicy);
      task.mempolicy = before;
    }
  }

  /** The order in which the recorded machine's allocations on a node tried the nodes. */
  fallback(node: number): readonly number[] {
    return this.#fallback.get(node) ?? [];
  }
  /** Pages free on a node. */
  freePages(node: number): number {
    let free = 0;
    for (const zone of this.k.m.zones) if (zone?.node === node) free += zone.free_pages;
    return free;
  }

  /** The pte of an address, 0 when there is none. */
  pte(task: Task, address: number): Pte {
    const { m } = this.k;
    const ptep = task.mm === null ? 0 : pte_offset(m, task.mm, address);
    return (ptep === 0 ? 0 : m.ptes[ptep]!) as Pte;
  }
}

function* path<T>(body: () => T | MaySleep<T>): MaySleep<T> {
  const result = body();
  if (typeof result === 'object' && result !== null && 'next' in result) return yield* result;
  return result;
}

/** Bits a user's node mask has room for, plus one as the system calls want it. */
export const MASK_BITS = 1025;
/** A node mask in user memory, as long as MAX_NUMNODES 1024 of the recorded kernel; longer when a node is. */
export function maskOf(nodes: readonly number[]): Uint32Array {
  const mask = new Uint32Array(Math.max(32, 2 * Math.ceil(((nodes.at(-1) ?? 0) + 1) / 64)));
  for (const node of nodes) mask[node >> 5]! |= 1 << (node & 31);
  return mask;
}
