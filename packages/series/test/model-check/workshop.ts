/** Makes the machine of a case and the memory of its processes, by system calls and accesses, and drafts the description on the way. */
import { syscall, spawn, touch, type Machine, type Task as SimTask } from '@pmkit/mm-core';
import { MachineBuffers } from '../../src/catalogue/buffers.js';
import { bootAt, type AnyKernel } from '../../src/levels.js';
import type { Node } from '../model/situation.js';
import { Violation } from '../fuzz/world.js';
import type { AreaSpec, Case, MachineSpec, Source } from './cases.js';
import { newDraft, stored, type DraftObject, type DraftTask, type DraftVma } from './draft.js';

/** By node: room for all pages of a case above the watermarks. */
const FRAMES = 128;
export const PAGE_SIZE = 4096;
const FILE_PAGES = 12;
const SEGMENT_PAGES = 8;
/** Areas lie apart, so that no two are merged; below the first there is room for segments, which the kernel places. */
const FIRST_AREA = 256;
const AREA_STRIDE = 16;
const CAP_KILL = 5;
const CAP_SYS_ADMIN = 21;
const CAP_SYS_NICE = 23;
export const CAPABILITIES = [CAP_KILL, CAP_SYS_ADMIN, CAP_SYS_NICE];

const O_RDWR = 2;
const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
const MAP_FIXED = 0x10;
const MAP_ANONYMOUS = 0x20;
const IPC_CREAT = 0o1000;
const SHM_RDONLY = 0o10000;

/**
 * Id of each node by position: those with memory, then the one without. Not beside a full node: allocations for the one would come to the other,
 * which may have got pages back meanwhile.
 */
function nodeIds({ nodes, gaps, memoryless, full }: MachineSpec): number[] {
  const ids: number[] = [];
  for (let i = 0, id = 0; i < nodes + (memoryless && full < 0 ? 1 : 0); i++, id++) {
    if ((gaps & (1 << i)) !== 0) id++;
    ids.push(id);
  }
  return ids;
}

/** Every pair of nodes has a distance of its own. */
const PAIRS = 15;
function distancesOf({ distances }: MachineSpec, count: number): number[][] {
  const rows = Array.from({ length: count }, () => Array.from({ length: count }, () => 10));
  let pair = distances;
  for (let i = 0; i < count; i++) for (let j = 0; j < i; j++) rows[i]![j] = rows[j]![i] = 13 + 3 * ((7 * pair++) % PAIRS);
  return rows;
}

export class Workshop {
  readonly k: AnyKernel;
  readonly m: Machine;
  readonly level: number;
  /** As the model describes them; by position. */
  readonly nodes: readonly Node[];
  readonly ids: readonly number[];
  readonly distances: readonly (readonly number[])[];
  readonly root: DraftTask;
  readonly user: DraftTask;
  readonly jobs: DraftTask[] = [];
  /** Files and segments that are mapped. */
  readonly objects: DraftObject[] = [];
  readonly #buffers = new MachineBuffers();
  readonly #named = new Map<Source, DraftObject>();
  #segment = -1;

  constructor({ level, machine, areas }: Case) {
    this.level = level;
    this.ids = nodeIds(machine);
    this.distances = distancesOf(machine, this.ids.length);
    this.nodes = this.ids.map((id, i) => ({ id, memory: i < machine.nodes, full: i < machine.nodes && i === machine.full }));
    this.k = bootAt(level, {
      buffer: this.#buffers.allocate,
      nodes: this.nodes.map(({ id, memory }, i) => ({ id, pages: memory ? FRAMES : 0, cpus: [i] })),
      distances: this.distances, pageSize: PAGE_SIZE, maxOrder: 8,
      config: { CONFIG_SWAP: machine.swap !== 'unconfigured', CONFIG_CPUSETS: machine.cpusets, CONFIG_MEMORY_MIGRATE: machine.migrate },
    });
    this.m = this.k.m;
    this.root = this.#spawn('batchd', 0);
    this.user = this.#spawn('user', 1000);
    const tasks = areas.some(area => area.task % 2 === 1) ? 2 : 1;
    for (let i = 0; i < tasks; i++) this.jobs.push(this.#spawn(`job${i}`, 0));
    for (const area of areas) this.#map(this.jobs[area.task % tasks]!, area);
  }

  /** The machine is not looked at any more: the next one may have its memory. */
  dispose(): void {
    this.#buffers.release(this.m);
  }

  #spawn(comm: string, uid: number): DraftTask {
    return newDraft(spawn(this.k, { comm, uid, cpu: 0 }), uid, uid === 0 ? CAPABILITIES : [], this.ids);
  }

  /** A system call that a case cannot do without. */
  must(task: SimTask, name: string, ...args: readonly unknown[]): number {
    const result = syscall(this.k, task, name, ...args);
    if (result < 0) throw new Violation(`${name}() returned ${result} while the case was made`);
    return result;
  }
  /** One access to one page, from a CPU of a node with memory. */
  access(task: DraftTask, page: number, node: number, write: boolean): void {
    const { sim } = task;
    sim.cpu = node % this.nodes.filter(({ memory }) => memory).length;
    if (touch(this.k, sim, page * PAGE_SIZE, 1, write ? 'write' : 'read') !== 1) throw new Violation(`${sim.comm} cannot access page ${page}`);
    if (write) stored(task, page);
  }

  #map(task: DraftTask, spec: AreaSpec): void {
    const { source, write, shared, touches } = spec;
    const prot = write ? 3 : 1;
    const segment = source === 'segment';
    const pages = segment ? SEGMENT_PAGES : touches.length;
    const offset = segment || source.endsWith('anonymous') ? 0 : spec.offset;
    const object = this.#object(source, task, pages);
    const start = (segment ? this.#attach(task, write) : this.#mmap(task, pages, prot, object, offset, source === 'shared anonymous' || (shared && object !== null))) / PAGE_SIZE;
    const vma: DraftVma = {
      start, prot, shared: segment || source === 'shared anonymous' || (shared && object !== null), locked: false, io: false, object: object ?? this.#anonymousObject(task, source, start),
      offset, policy: null, own: Array.from({ length: pages }, () => false),
    };
    task.vmas = [...task.vmas!, vma].sort((a, b) => a.start - b.start);
    task.areas.push({ start, pages, locked: false, protected: false });
    touches.forEach((value, i) => {
      if (value !== 0) this.access(task, start + i, value >> 2, write && (value & 3) !== 0);
    });
  }

  #attach({ sim }: DraftTask, write: boolean): number {
    return this.must(sim, 'shmat', this.#segment, 0, write ? 0 : SHM_RDONLY);
  }

  #mmap({ sim, areas }: DraftTask, pages: number, prot: number, object: DraftObject | null, offset: number, shared: boolean): number {
    const at = 2 ** 61 + (FIRST_AREA + AREA_STRIDE * areas.length) * PAGE_SIZE;
    const flags = MAP_FIXED | (shared ? MAP_SHARED : MAP_PRIVATE);
    if (object === null) return this.must(sim, 'mmap', at, pages * PAGE_SIZE, prot, flags | MAP_ANONYMOUS, -1, 0);
    const fd = this.must(sim, 'open', object.inode.path, O_RDWR, 0);
    const start = this.must(sim, 'mmap', at, pages * PAGE_SIZE, prot, flags, fd, offset * PAGE_SIZE);
    this.must(sim, 'close', fd);
    return start;
  }

  /** What an area maps, made when it is first wanted; null for anonymous memory, shared or not, which mmap() makes. */
  #object(source: Source, { sim }: DraftTask, pages: number): DraftObject | null {
    if (source.endsWith('anonymous')) return null;
    const known = this.#named.get(source);
    if (known !== undefined) return known;
    if (source === 'segment') {
      this.#segment = this.must(sim, 'shmget', 0, pages * PAGE_SIZE, IPC_CREAT | 0o666);
      return this.#keep(source, this.m.shm.get(this.#segment)!.inode, true);
    }
    if (source === 'xfs') this.k.new_super_block('xfs', '/xfs', this.k.add_disk('sdb', 8, 16, 1), PAGE_SIZE);
    const path = { ext3: '/data', xfs: '/xfs/data', tmpfs: '/dev/shm/data' }[source as 'ext3' | 'xfs' | 'tmpfs'];
    return this.#keep(source, this.k.new_inode(this.k.lookup_mnt(path)!, path, FILE_PAGES * PAGE_SIZE, 0o666), source === 'tmpfs');
  }
  #keep(source: Source | null, inode: DraftObject['inode'], hasPolicies: boolean): DraftObject {
    const object: DraftObject = { inode, override: null, policies: hasPolicies ? new Map() : null };
    this.objects.push(object);
    if (source !== null) this.#named.set(source, object);
    return object;
  }
  /** The object behind shared anonymous memory, which has no name. */
  #anonymousObject({ sim }: DraftTask, source: Source, page: number): DraftObject | null {
    return source === 'anonymous' ? null : this.#keep(null, this.k.find_vma(sim.mm!, page * PAGE_SIZE)!.vm_file!.f_inode, true);
  }

  /** A file that has a name, or null. */
  file(pick: number): DraftObject | null {
    const files = [...this.#named].flatMap(([source, object]) => (source === 'segment' ? [] : object));
    return files.length === 0 ? null : files[pick % files.length]!;
  }

  /** Takes pages of a node until it gives none any more to whoever can have another's. */
  fill(node: Node): void {
    const zone = this.m.node_data[node.id]!.node_zones.find(({ present_pages }) => present_pages > 0)!;
    const { sim } = this.#spawn('filler', 0);
    sim.cpu = this.nodes.indexOf(node);
    const start = this.must(sim, 'mmap', 0, FRAMES * PAGE_SIZE, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const mask = new Uint32Array(8);
    mask[node.id >> 5] = 2 ** (node.id & 31);
    this.must(sim, 'mbind', start, FRAMES * PAGE_SIZE, 2, mask, 257, 0);
    for (let page = 0; zone.free_pages > zone.pages_low; page++) touch(this.k, sim, start + page * PAGE_SIZE, 1, 'write');
  }
}
