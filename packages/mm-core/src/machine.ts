/**
 * The state of a machine: buffers, views and a few objects; no code. Kernels are stateless tables of functions that read
 * it as `this.m`, so a machine outlives the kernel that was linked over it.
 */
import { __MUTEX_INITIALIZER, SPIN_LOCK_UNLOCKED } from './include/linux/spinlock.js';
import type { BufferHeads } from './include/linux/buffer_head.js';
import { CS_CPU_EXCLUSIVE, CS_MEM_EXCLUSIVE, type Cpuset } from './include/linux/cpuset.js';
import type { AddressSpace, BlockDevice, File, Inode, SuperBlock } from './include/linux/fs.js';
import type { LogLine } from './include/linux/kernel.js';
import { INIT_LIST_HEAD } from './include/linux/list.js';
import { RECONSTRUCTION, type MigrationReconstruction } from './include/linux/mmigrate.js';
import type { AnonVma, MemMap, Mm, UnmapList } from './include/linux/mm_types.js';
import { MAX_NR_ZONES, MAX_ORDER_IA64, type PgData, type Zone } from './include/linux/mmzone.js';
import { MAX_NUMNODES, nodes_new, type NodeMask } from './include/linux/nodemask.js';
import { init_rlimits } from './include/linux/resource.js';
import { CAP_FULL_SET, NICE_TO_PRIO, SIGCHLD, type FilesStruct, type SignalStruct, type Task } from './include/linux/sched.js';
import { newFiles, newSighand, newSignal } from './model/objects.js';
import type { SwapInfo } from './include/linux/swap.js';
import type { BufferHead, ListHead, Page } from './include/linux/types.js';
import { SHMMAX, SHMMNI } from './include/linux/shm.js';
import type { MaySleep, RwSemaphore, Semaphore, SpinLock, WaitFor, WaitQueue } from './include/linux/wait.js';
import { MAX_PFN } from './include/asm-ia64/pgtable.js';

/** What a machine is made of. Node ids may have holes; distances are by position in `nodes`. */
export interface MachineConfig {
  readonly name?: string;
  /** Bytes: 4096, 8192, 16384 (default) or 65536, the page sizes ia64 can be built for. */
  readonly pageSize?: number;
  /** Node id (0…255), frames of memory, CPU numbers. The first node with memory loses `reservedPages` to the kernel image. */
  readonly nodes: readonly { readonly id: number; readonly pages: number; readonly cpus: readonly number[] }[];
  /** SLIT distances, 10 = local; default 10 / 20. */
  readonly distances?: readonly (readonly number[])[];
  /** Frames below it are ZONE_DMA; default: all, as on SN2. */
  readonly maxDmaPfn?: number;
  /** Orders of the buddy allocator; default 18, ia64's CONFIG_FORCE_MAX_ZONEORDER. */
  readonly maxOrder?: number;
  /** Default 2: frame 0 (so that NULL is no page) and the zero page. */
  readonly reservedPages?: number;
  /** Makes the buffers of the struct pages and of the page tables, all zero and at least so many bytes; default ArrayBuffer. */
  readonly buffer?: (bytes: number) => ArrayBufferLike;
  readonly reconstruction?: Partial<MigrationReconstruction>;
  /** CONFIG_MEMORY_MIGRATE, CONFIG_SWAP, CONFIG_CPUSETS; default all on. */
  readonly config?: Partial<KernelConfig>;
  /** Poison freed page records with a pattern (tests). Default off. */
  readonly poison?: boolean;
}
export interface KernelConfig { readonly CONFIG_MEMORY_MIGRATE: boolean; readonly CONFIG_SWAP: boolean; readonly CONFIG_CPUSETS: boolean }

export const PAGEVEC_SIZE = 14;
/** A per-CPU pagevec: pages that wait to be put on an LRU list. Each holds a reference to its pages. */
export interface Pagevec { nr: number; readonly pages: Uint32Array }

/** struct page_state: counters as /proc/vmstat prints them. One set for the machine instead of one per CPU. */
export interface PageState {
  nr_dirty: number; nr_writeback: number; nr_unstable: number; nr_page_table_pages: number; nr_mapped: number; nr_slab: number;
  pgpgin: number; pgpgout: number; pswpin: number; pswpout: number;
  pgalloc_high: number; pgalloc_normal: number; pgalloc_dma: number;
  pgfree: number; pgactivate: number; pgdeactivate: number; pgfault: number; pgmajfault: number;
  pgrefill_high: number; pgrefill_normal: number; pgrefill_dma: number;
  pgsteal_high: number; pgsteal_normal: number; pgsteal_dma: number;
  pgscan_kswapd_high: number; pgscan_kswapd_normal: number; pgscan_kswapd_dma: number;
  pgscan_direct_high: number; pgscan_direct_normal: number; pgscan_direct_dma: number;
  pginodesteal: number; slabs_scanned: number; kswapd_steal: number; kswapd_inodesteal: number; pageoutrun: number; allocstall: number;
  pgrotated: number;
}

/** A block request under way; completed by drivers/block when simulated time reaches `due`. */
export interface PendingIo { readonly due: number; readonly seq: number; readonly complete: () => void; readonly bdev: BlockDevice; readonly write: boolean }

/** A SysV shared memory segment (ipc/shm.c). */
export interface ShmSegment {
  readonly id: number;
  /** IPC_PRIVATE once the segment is marked for destruction. */
  key: number;
  readonly size: number; readonly inode: Inode;
  /** Holds the inode as long as the segment exists. */
  readonly file: File;
  nattch: number; cpid: number; lpid: number; uid: number; gid: number; cuid: number; cgid: number; mode: number;
  destroyed: boolean; locked: boolean;
  /** Who has locked it (SHM_LOCK). */
  mlock_user: number;
}

/** Work for the kernel thread pdflush: write back `arg` pages at least, or finish deleting an inode whose pages were busy. */
export type PdflushWork = { readonly fn: 'background_writeout'; readonly arg: number } | { readonly fn: 'generic_delete_inode'; readonly inode: Inode };

/**
 * A kernel thread: `main` begins it, and sleeps on `wake` when it has nothing to do. The driver begins and steps it (sim/run.ts). One that sleeps there
 * is where it was at first: a driver that takes the machine back in time may begin it anew.
 */
export interface KernelThread { readonly task: Task; readonly wake: WaitQueue; readonly main: () => MaySleep<void> }

/** A way through the kernel that some task has begun and not finished. */
export interface KernelPath {
  readonly task: Task;
  readonly body: MaySleep<unknown>;
  /** What it waits for; null: it can go on. */
  wait: WaitFor | null;
  /** thread_info.preempt_count: m.preempt_count while this path runs. */
  preempt_count: number;
  /** Value of m.io_completed when the path began to wait. */
  io_completed: number;
  state: 'running' | 'returned' | 'died' | 'locked-up';
  /** What the body returned. */
  value: unknown;
}

/**
 * Lock-order checking; off unless somebody who observes asks for it. It is told of every spinlock and semaphore that m.current gets and gives back; `tried`: it would
 * not have waited.
 */
export interface Lockdep { acquired(lock: SpinLock | RwSemaphore | Semaphore, tried: boolean): void; released(lock: SpinLock | RwSemaphore | Semaphore): void }

/** A range of frames that memory hotplug takes, or has taken, out of use. The base tree does not do that. */
export interface Capture {
  readonly start_pfn: number;
  readonly nr_pages: number;
  /** Those of its frames that were free, or have become free since. Nobody is given them. */
  readonly captured: ListHead;
}
/** A frame that could not be captured, and what it was when its range was given up. */
export interface FrameLeft { readonly page: Page; readonly why: 'reserved' | 'page table' | 'not on the LRU' | 'not migrated' }

/** Radix-tree nodes as columns of a growing store, see lib/radix-tree.ts; node 0 is NULL. */
export interface RadixStore {
  /** 64 slots a node: a child node, or a page in the lowest level. */
  slots: Int32Array;
  /** Two 32-bit words a node and tag. */
  tags: Uint32Array;
  /** Slots in use. */
  count: Uint8Array;
  high: number;
  free: number;
  used: number;
}

export interface Machine {
  readonly name: string;
  /** system_utsname.nodename; at first the name. */
  nodename: string;
  readonly config: KernelConfig;
  readonly reconstruction: MigrationReconstruction;
  readonly poison: boolean;

  /* geometry */
  readonly PAGE_SIZE: number;
  readonly PAGE_SHIFT: number;
  /** Entries of a page table: PAGE_SIZE / 8. */
  readonly PTRS: number;
  /** 1 / PAGE_SIZE and 1 / PTRS, exact: a walk multiplies by them. */
  readonly PER_PAGE: number;
  readonly PER_TABLE: number;
  readonly MAX_ORDER: number;
  /** Frame numbers that each node owns, from id * node_stride on. */
  readonly node_stride: number;
  /** The node of a frame is granule_nid[frame >> granule_shift]. */
  readonly granule_shift: number;
  readonly granule_nid: Uint8Array;
  readonly max_dma_pfn: number;
  readonly reserved_pages: number;
  /** Frames that exist, reserved ones included. */
  readonly totalram_pages: number;
  /** mm/vmscan.c: what mapped memory is compared with; see nr_free_pagecache_pages(). */
  total_memory: number;

  /* frames, nodes, zones */
  readonly mem_map: MemMap;
  /** By node id * MAX_NR_ZONES + type; a node that does not exist leaves holes. */
  readonly zones: (Zone | undefined)[];
  /** By node id. */
  readonly node_data: (PgData | undefined)[];
  readonly node_online_map: NodeMask;
  /** Node ids, ascending. */
  readonly node_ids: readonly number[];
  /** CPU numbers, ascending. */
  readonly cpus: readonly number[];
  /** By CPU number. */
  readonly cpu_to_node: number[];
  /** Distances by node id * MAX_NUMNODES + node id. */
  readonly node_distance: Uint8Array;
  readonly nodeConfig: MachineConfig['nodes'];
  /** Always zero, PG_reserved, mapcount 0: what a read fault on untouched anonymous memory maps. */
  readonly zero_page: Page;
  /** Highest zone type any BIND policy has seen (mempolicy.c). */
  policy_zone: number;
  min_free_kbytes: number;
  readonly sysctl_lowmem_reserve_ratio: number[];
  swappiness: number;
  dirty_background_ratio: number;
  vm_dirty_ratio: number;

  /* list heads */
  list_head_high: number;
  readonly list_head_free: number[];
  /** Heads that went out of scope with pages still on them (see releaseListHead()). */
  readonly dead_list_heads: ListHead[];
  /** Ranges that are being captured, or are captured. */
  readonly captures: Capture[];
  /** Frames of the range that was given up last. */
  readonly capture_left: FrameLeft[];
  /** New pages of migrations of swap-cache pages, from the replacement in the tree until they are unlocked (see do_swap_page()). */
  readonly migrating: number[];
  /** Lists for try_to_unmap() that no migration uses at the moment. */
  readonly unmap_lists: UnmapList[];

  /* page tables: see asm-ia64/pgtable.ts */
  readonly ptes: Uint32Array;
  /** Frame that holds table t. */
  readonly table_page: Uint32Array;
  table_high: number;
  table_free: number[];

  /* pagevecs by CPU number, created on first use */
  readonly lru_add_pvecs: (Pagevec | undefined)[];
  readonly lru_add_active_pvecs: (Pagevec | undefined)[];

  /* stores */
  readonly radix: RadixStore;
  readonly bh: BufferHeads;
  /** By id; 0 unused. Ids are reused. */
  readonly mappings: (AddressSpace | null)[];
  readonly mapping_free: number[];
  readonly anon_vmas: (AnonVma | null)[];
  readonly anon_vma_free: number[];
  readonly mms: Map<number, Mm>;
  next_mm_id: number;

  /* swap */
  readonly swapper_space: AddressSpace;
  readonly swap_info: (SwapInfo | null)[];
  readonly swap_lock: SpinLock;
  /** First area by priority, -1 none; `swap_next` is where the next search starts. */
  swap_head: number;
  swap_next: number;
  nr_swap_pages: number;
  total_swap_pages: number;
  /** Priority of the last area that was added without one: -1, -2, … */
  least_priority: number;
  /** Slots that have had more users than swap_map can count, since the last swapoff that mended it. */
  swap_overflow: number;

  /* file systems and devices */
  readonly super_blocks: SuperBlock[];
  readonly bdevs: Map<string, BlockDevice>;
  readonly pending_io: PendingIo[];
  io_seq: number;
  /** Requests completed so far: wakes those who wait for "some I/O". */
  io_completed: number;
  readonly shm: Map<number, ShmSegment>;
  /** ids->seq of ipc/util.c: counts the segments made, part of the next one's id. */
  next_shm_id: number;
  /** Pages of all segments; kernel.shmmax (bytes) and kernel.shmall (pages) as sysctl sets them. */
  shm_tot: number;
  shm_ctlmax: number;
  shm_ctlall: number;
  /** user_struct.locked_shm: pages locked with SHM_LOCK, by uid. */
  readonly locked_shm: Map<number, number>;
  /** The mount inside the kernel where SysV segments and shared anonymous memory live; made on first use. */
  shm_mnt: SuperBlock | null;
  /** shmem_swaplist: tmpfs inodes that have had pages swapped out. */
  readonly shmem_swaplist: Set<Inode>;
  readonly pdflush_wait: WaitQueue;
  readonly pdflush_list: PdflushWork[];
  /** Dirty memory was over its limit when balance_dirty_pages() last looked. */
  dirty_exceeded: boolean;
  /** Pages dirtied by CPU since balance_dirty_pages_ratelimited() last looked. */
  readonly ratelimits: number[];

  /* tasks */
  readonly tasks: Map<number, Task>;
  current: Task;
  readonly init_task: Task;
  next_pid: number;
  readonly tasklist_lock: SpinLock;
  /** Spinlocks held; sleeping while it is not 0 is a bug. */
  preempt_count: number;
  /** An I/O completion runs: in_interrupt(). */
  in_interrupt: boolean;
  readonly kthreads: KernelThread[];
  /** Unfinished paths that have slept at least once, kernel threads included. */
  readonly paths: Map<Task, KernelPath>;
  /** Tasks that have a signal to act on when they return to user mode (TIF_SIGPENDING). */
  readonly sigpending: Set<Task>;
  /** Oopses so far: the number in square brackets that die() prints. */
  die_counter: number;
  /** panic() was called: nothing runs any more. */
  panicked: boolean;
  readonly top_cpuset: Cpuset;
  cpuset_mems_generation: number;
  readonly cpuset_sem: Semaphore;

  /* time, log, counters */
  /** Simulated ms since boot. */
  now: number;
  readonly log: LogLine[];
  /** The log's first line that syslog() still gives; moved by clearing it. */
  logged_from: number;
  readonly page_state: PageState;
  /** Last content token given out; see nextContentToken(). */
  content_token: number;
  /** Set by the explorer: preemption points yield. */
  preemptible: boolean;
  /** TIF_NEED_RESCHED of whoever runs: a kernel thread was woken, which gets the CPU when he is back in user mode, or at his next cond_resched(). */
  need_resched: boolean;
  lockdep: Lockdep | null;
}

/** A fresh content token: what a store leaves in a page. Never 0 (a page of zeros). */
export function nextContentToken(m: Machine): number {
  m.content_token = m.content_token === 0xffff_ffff ? 1 : m.content_token + 1;
  return m.content_token;
}

/** LIST_HEAD(x): a list head, empty; give it back with releaseListHead(). */
export function newListHead(m: Machine): ListHead {
  const head = (m.list_head_free.pop() ?? m.list_head_high++) as ListHead;
  if (head >= m.mem_map.first_list_head + m.mem_map.nr_list_heads) throw new RangeError('the simulated kernel has no list head left');
  INIT_LIST_HEAD(m.mem_map, head);
  return head;
}
/**
 * The end of a list head's life. When pages are still linked on it they are lost, as on a stack frame that was left: the
 * head is kept out of use so that the damage can be looked at.
 */
export function releaseListHead(m: Machine, head: ListHead): void {
  if (m.mem_map.lru_next[head] === (head as number)) m.list_head_free.push(head);
  else m.dead_list_heads.push(head);
}

/** __NEW_UTS_LEN: no name of a machine is longer. */
const UTS_LEN = 64;
const HEADER_WORDS = 16;
const FIELDS = 7;

function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new RangeError(message);
}

function checkConfig(config: MachineConfig, pageSize: number): void {
  check([4096, 8192, 16384, 65536].includes(pageSize), `pageSize: expected 4096, 8192, 16384 or 65536, found ${pageSize}`);
  check(config.nodes.length > 0, 'nodes: expected at least one node');
  const ids = new Set<number>();
  const cpus = new Set<number>();
  for (const node of config.nodes) {
    check(Number.isInteger(node.id) && node.id >= 0 && node.id < MAX_NUMNODES, `nodes: expected an id from 0 to ${MAX_NUMNODES - 1}, found ${node.id}`);
    check(!ids.has(node.id), `nodes: node ${node.id} is there twice`);
    ids.add(node.id);
    check(Number.isInteger(node.pages) && node.pages >= 0, `node ${node.id}: expected a number of pages, found ${node.pages}`);
    for (const cpu of node.cpus) {
      check(Number.isInteger(cpu) && cpu >= 0 && cpu < 4096, `node ${node.id}: expected a CPU number from 0 to 4095, found ${cpu}`);
      check(!cpus.has(cpu), `node ${node.id}: CPU ${cpu} is on two nodes`);
      cpus.add(cpu);
    }
  }
  check(cpus.size > 0, 'nodes: expected at least one CPU');
  const { reservedPages = 2, maxOrder = MAX_ORDER_IA64 } = config;
  check(Number.isInteger(reservedPages) && reservedPages >= 2, `reservedPages: expected at least 2, found ${reservedPages}`);
  check(Number.isInteger(maxOrder) && maxOrder >= 1 && maxOrder <= 30, `maxOrder: expected 1 to 30, found ${maxOrder}`);
  const first = [...config.nodes].sort((a, b) => a.id - b.id).find(node => node.pages > 0);
  check(first !== undefined, 'nodes: expected a node with memory');
  check(first.pages > reservedPages, `node ${first.id}: expected more than the ${reservedPages} pages that the kernel keeps, found ${first.pages}`);
}

/** Cuts the fields of struct page and the list heads from one buffer: header, seven columns, two link columns. */
function createMemMap(max_mapnr: number, nr_list_heads: number, allocate: (bytes: number) => ArrayBufferLike): MemMap {
  const words = HEADER_WORDS + FIELDS * max_mapnr + 2 * (max_mapnr + nr_list_heads);
  const buffer = allocate(words * 4);
  new Uint32Array(buffer, 0, HEADER_WORDS).set([0x706d6b31, 1, max_mapnr, nr_list_heads]);
  let at = HEADER_WORDS * 4;
  const column = (length: number): [ArrayBufferLike, number, number] => {
    const start = at;
    at += length * 4;
    return [buffer, start, length];
  };
  return {
    buffer,
    max_mapnr,
    flags: new Uint32Array(...column(max_mapnr)),
    _count: new Int32Array(...column(max_mapnr)),
    _mapcount: new Int32Array(...column(max_mapnr)),
    mapping: new Uint32Array(...column(max_mapnr)),
    index: new Uint32Array(...column(max_mapnr)),
    private: new Uint32Array(...column(max_mapnr)),
    content: new Uint32Array(...column(max_mapnr)),
    lru_next: new Uint32Array(...column(max_mapnr + nr_list_heads)),
    lru_prev: new Uint32Array(...column(max_mapnr + nr_list_heads)),
    first_list_head: max_mapnr,
    nr_list_heads,
  };
}

function createSwapperSpace(flags: number): AddressSpace {
  return {
    id: 1, host: null, page_tree: { height: 0, rnode: 0 }, tree_lock: SPIN_LOCK_UNLOCKED('swapper_space.tree_lock'), nrpages: 0, flags,
    a_ops: 'swap_aops', i_mmap: null, i_mmap_tail: null, i_mmap_writable: 0, i_mmap_lock: SPIN_LOCK_UNLOCKED('swapper_space.i_mmap_lock'),
    writeback_index: 0, truncate_count: 0,
  };
}

function createPageState(): PageState {
  return {
    nr_dirty: 0, nr_writeback: 0, nr_unstable: 0, nr_page_table_pages: 0, nr_mapped: 0, nr_slab: 0, pgpgin: 0, pgpgout: 0, pswpin: 0,
    pswpout: 0, pgalloc_high: 0, pgalloc_normal: 0, pgalloc_dma: 0, pgfree: 0, pgactivate: 0, pgdeactivate: 0, pgfault: 0, pgmajfault: 0,
    pgrefill_high: 0, pgrefill_normal: 0, pgrefill_dma: 0, pgsteal_high: 0, pgsteal_normal: 0, pgsteal_dma: 0, pgscan_kswapd_high: 0,
    pgscan_kswapd_normal: 0, pgscan_kswapd_dma: 0, pgscan_direct_high: 0, pgscan_direct_normal: 0, pgscan_direct_dma: 0, pginodesteal: 0,
    slabs_scanned: 0, kswapd_steal: 0, kswapd_inodesteal: 0, pageoutrun: 0, allocstall: 0, pgrotated: 0,
  };
}

/** A task_struct with root's credentials and nothing else. */
export function newTask(pid: number, comm: string, cpu: number, signal: SignalStruct = newSignal(init_rlimits(16384)), files: FilesStruct = newFiles()): Task {
  return {
    pid, tgid: pid, comm, state: 'R', flags: 0, uid: 0, euid: 0, suid: 0, fsuid: 0, gid: 0, egid: 0, sgid: 0, groups: [], static_prio: NICE_TO_PRIO(0), cap_effective: CAP_FULL_SET,
    mm: null, parent: null, children: new Set(), exit_code: 0, pending: new Set(), sighand: newSighand(), caught: new Set(), session: pid, mempolicy: null, il_next: 0, cpuset: null,
    mems_allowed: nodes_new(), cpuset_mems_generation: 0, cpu, cpus_allowed: [], files, signal, exit_signal: SIGCHLD, min_flt: 0, maj_flt: 0, oomkilladj: 0,
    start_time: 0, usage: 2,
  };
}

/**
 * How many frame numbers a node owns: a power of two, as on SN2; where so many would not fit into a page table entry, just enough blocks of the
 * highest order.
 */
function strideFor(largest: number, ids: number, maxOrder: number): { node_stride: number; granule_shift: number } {
  const node_shift = Math.max(6, Math.ceil(Math.log2(largest)));
  if (ids * 2 ** node_shift < MAX_PFN) return { node_stride: 1 << node_shift, granule_shift: node_shift };
  const granule_shift = maxOrder - 1;
  return { node_stride: Math.ceil(largest / (1 << granule_shift)) << granule_shift, granule_shift };
}

/**
 * The memory and the empty tables of a machine. Nothing in it is proportional to the frames but untouched address space;
 * start_kernel() (init/main.ts) boots a kernel on it.
 * @throws {RangeError} naming the field of the configuration and its value.
 */
export function createMachine(config: MachineConfig): Machine {
  const PAGE_SIZE = config.pageSize ?? 16384;
  checkConfig(config, PAGE_SIZE);
  const nodes = [...config.nodes].sort((a, b) => a.id - b.id);
  const largest = Math.max(...nodes.map(node => node.pages));
  const MAX_ORDER = config.maxOrder ?? MAX_ORDER_IA64;
  const { node_stride, granule_shift } = strideFor(largest, nodes.at(-1)!.id + 1, MAX_ORDER);
  const max_mapnr = (nodes.at(-1)!.id + 1) * node_stride;
  check(max_mapnr < MAX_PFN, `nodes: ${max_mapnr} frame numbers are more than the ${MAX_PFN} a page table entry can hold`);
  const cpus = nodes.flatMap(node => node.cpus).sort((a, b) => a - b);
  const nr_list_heads = nodes.length * MAX_NR_ZONES * (MAX_ORDER + 2 + 2 * cpus.length) + 4096;
  const allocate = config.buffer ?? ((bytes: number): ArrayBufferLike => new ArrayBuffer(bytes));
  const mem_map = createMemMap(max_mapnr, nr_list_heads, allocate);

  const cpu_to_node: number[] = [];
  for (const node of nodes) for (const cpu of node.cpus) cpu_to_node[cpu] = node.id;
  const node_distance = new Uint8Array((nodes.at(-1)!.id + 1) * MAX_NUMNODES);
  config.nodes.forEach((a, i) => {
    config.nodes.forEach((b, j) => {
      const distance = config.distances === undefined ? (i === j ? 10 : 20) : config.distances[i]?.[j];
      if (distance === undefined || !(distance >= 1 && distance <= 255)) throw new RangeError(`distances: expected 1…255 from node ${a.id} to node ${b.id}, found ${distance}`);
      node_distance[a.id * MAX_NUMNODES + b.id] = distance;
    });
  });

  const reserved_pages = config.reservedPages ?? 2;
  const totalram_pages = nodes.reduce((sum, node) => sum + node.pages, 0);
  const PTRS = PAGE_SIZE / 8;
  /* Every table occupies a frame, so there are never more tables than frames; very large machines get four times what it takes to map each frame once. */
  const tables = Math.min(totalram_pages, Math.max(65_536, Math.ceil((4 * totalram_pages) / PTRS))) + 1;
  const reconstruction = { ...RECONSTRUCTION, ...config.reconstruction };
  const init_task = newTask(0, 'swapper', cpus[0]!, newSignal(init_rlimits(PAGE_SIZE)));
  const node_online_map = nodes_new();
  const top_cpuset: Cpuset = {
    name: '/', flags: (1 << CS_CPU_EXCLUSIVE) | (1 << CS_MEM_EXCLUSIVE), cpus_allowed: new Set(cpus), mems_allowed: node_online_map, count: 1,
    parent: null, children: new Map(), mems_generation: 1,
  };
  const swapper_space = createSwapperSpace(reconstruction.swapper_space_gfp);
  return {
    name: config.name ?? 'machine', nodename: (config.name ?? 'machine').replaceAll(/[^A-Za-z0-9.-]+/g, '-').slice(0, UTS_LEN),
    config: { CONFIG_MEMORY_MIGRATE: true, CONFIG_SWAP: true, CONFIG_CPUSETS: true, ...config.config },
    reconstruction, poison: config.poison ?? false,
    PAGE_SIZE, PAGE_SHIFT: Math.log2(PAGE_SIZE), PTRS, PER_PAGE: 1 / PAGE_SIZE, PER_TABLE: 1 / PTRS, MAX_ORDER, node_stride, granule_shift,
    granule_nid: Uint8Array.from({ length: max_mapnr >>> granule_shift }, (_, i) => Math.floor((i << granule_shift) / node_stride)), max_dma_pfn: Math.min(config.maxDmaPfn ?? max_mapnr, max_mapnr),
    reserved_pages, totalram_pages, total_memory: 0,
    mem_map, zones: [], node_data: [], node_online_map, node_ids: nodes.map(node => node.id), cpus, cpu_to_node, node_distance, nodeConfig: nodes,
    zero_page: (nodes.find(node => node.pages > 0)!.id * node_stride + 1) as Page,
    policy_zone: 0, min_free_kbytes: 0, sysctl_lowmem_reserve_ratio: [256, 32], swappiness: 60, dirty_background_ratio: 10, vm_dirty_ratio: 40,
    list_head_high: mem_map.first_list_head, list_head_free: [], dead_list_heads: [], captures: [], capture_left: [], migrating: [], unmap_lists: [],
    ptes: new Uint32Array(allocate(tables * PTRS * 4), 0, tables * PTRS), table_page: new Uint32Array(tables), table_high: 1, table_free: [],
    lru_add_pvecs: [], lru_add_active_pvecs: [],
    radix: { slots: new Int32Array(64 * 64), tags: new Uint32Array(4 * 64), count: new Uint8Array(64), high: 1, free: 0, used: 0 },
    bh: {
      b_state: new Uint32Array(64), b_this_page: new Uint32Array(64), b_page: new Uint32Array(64), b_blocknr: new Uint32Array(64),
      b_count: new Int32Array(64), high: 1, free: 0 as BufferHead, used: 0,
    },
    mappings: [null, swapper_space], mapping_free: [], anon_vmas: [null], anon_vma_free: [], mms: new Map(), next_mm_id: 1,
    swapper_space, swap_info: [], swap_lock: SPIN_LOCK_UNLOCKED('swap_lock'), swap_head: -1, swap_next: -1, nr_swap_pages: 0, total_swap_pages: 0,
    least_priority: 0, swap_overflow: 0,
    super_blocks: [], bdevs: new Map(), pending_io: [], io_seq: 0, io_completed: 0, shm: new Map(), next_shm_id: 0,
    shm_tot: 0, shm_ctlmax: SHMMAX, shm_ctlall: (SHMMAX / PAGE_SIZE) * (SHMMNI / 16), locked_shm: new Map(), shm_mnt: null, shmem_swaplist: new Set(),
    pdflush_wait: { name: 'pdflush', woken: false }, pdflush_list: [], dirty_exceeded: false, ratelimits: [],
    tasks: new Map(), current: init_task, init_task, next_pid: 1, tasklist_lock: SPIN_LOCK_UNLOCKED('tasklist_lock'), preempt_count: 0,
    in_interrupt: false, kthreads: [], paths: new Map(), sigpending: new Set(), die_counter: 0, panicked: false,
    top_cpuset, cpuset_mems_generation: 1, cpuset_sem: __MUTEX_INITIALIZER('cpuset_sem'),
    now: 0, log: [], logged_from: 0, page_state: createPageState(), content_token: 0, preemptible: false, need_resched: false, lockdep: null,
  };
}
