/**
 * libnuma 2.0.16, as the programs of the numactl package use it: what the machine has and the task may use, read once when the
 * program starts, and memory policies through system calls.
 *
 * As in the library, failures go to standard error and are then up to the program: `errno` keeps what the last failed call said.
 *
 * Two things differ, because they came after 2.6.12. MPOL_LOCAL (3.8): "local" is asked for as libnuma did until 2.0.14, by MPOL_DEFAULT for a
 * task and MPOL_PREFERRED without nodes for memory. MPOL_PREFERRED_MANY (5.15): the library finds out at start that the
 * kernel does not have it; here that is known.
 */
import { EINVAL } from '@pmkit/mm-core/include/linux/errno';
import { MPOL_BIND, MPOL_DEFAULT, MPOL_F_NODE, MPOL_INTERLEAVE, MPOL_MF_STRICT, MPOL_PREFERRED } from '@pmkit/mm-core/include/linux/mempolicy';
import { parseNodeList, type NodeList } from '../../../node-list.js';
import { strerror, type Process } from '../../../process.js';
import { Exit } from '../exit.js';
import { deviceWarning } from './affinity.js';
import { fromHex, fromMask, toMask, upTo } from './masks.js';
import * as sysfs from './sysfs.js';

export interface Policy { readonly mode: number; readonly nodes: readonly number[] }

export class Numa {
  readonly #p: Process;
  /** Positive; 0 when nothing has failed. */
  errno = 0;
  /** numa_exit_on_error. */
  exitOnError = false;
  /** What numa_tonode_memory() and its like set: MPOL_BIND or MPOL_PREFERRED. */
  bindPolicy = MPOL_BIND;
  #mbindFlags = 0;
  readonly #warned = new Set<string>();

  /** Bits of the kernel's nodemask_t and cpumask_t. */
  nodeBits = 0;
  cpuBits = 0;
  /** Nodes there are, and those with memory. */
  nodes: readonly number[] = [];
  memNodes: readonly number[] = [];
  maxNode = 0;
  /** CPUs there are. */
  cpuCount = 0;
  /** Nodes and CPUs that the task may use. */
  allNodes: readonly number[] = [];
  allCpus: readonly number[] = [];

  private constructor(p: Process) {
    this.#p = p;
  }

  /** What the library does before main(). */
  static async load(p: Process): Promise<Numa> {
    const numa = new Numa(p);
    const allowed = await sysfs.allowedMasks(p);
    // Nine characters for every 32 bits, the newline counted.
    numa.nodeBits = allowed.mems === '' ? await numa.#guessNodeBits() : Math.floor(((allowed.mems.length + 1) * 32) / 9);
    await numa.#findNodes();
    numa.cpuBits = await numa.#kernelCpuBits();
    numa.cpuCount = await sysfs.configuredCpus(p);
    const cpus = fromHex(allowed.cpus, numa.cpuBits) ?? [];
    // More CPUs than there are means all; those behind the last are not meant.
    const there = cpus.length > numa.cpuCount ? cpus.filter(cpu => cpu < numa.cpuCount) : cpus;
    numa.allCpus = there.length > 0 ? there : upTo(numa.cpuCount);
    const mems = fromHex(allowed.mems, numa.nodeBits) ?? [];
    numa.allNodes = mems.length > 0 ? mems : upTo(numa.maxNode + 1);
    return numa;
  }

  async #findNodes(): Promise<void> {
    const nodes = await sysfs.configuredNodes(this.#p);
    this.nodes = nodes ?? [];
    this.maxNode = nodes === null ? 0 : nodes.at(-1) ?? -1;
    const withMemory: number[] = [];
    for (const node of this.nodes) if ((await this.nodeSize(node)).size > 0) withMemory.push(node);
    this.memNodes = withMemory;
  }

  /** A kernel without cpusets has no Mems_allowed: the shortest mask that get_mempolicy() takes. */
  async #guessNodeBits(): Promise<number> {
    for (let bits = 32; ; bits *= 2) {
      const result = await this.#p.sys('get_mempolicy', { value: 0 }, toMask([], bits), bits + 1, 0, 0);
      if (result !== -EINVAL || bits >= 4096 * 8) return bits;
    }
  }

  async #kernelCpuBits(): Promise<number> {
    for (let bits = 4096; ; bits *= 2) {
      const bytes = await this.#p.sys('sched_getaffinity', 0, bits / 8, toMask([], bits));
      if (bytes >= 0) return bytes * 8;
      if (bytes !== -EINVAL || bits >= 1024 * 1024) throw new RangeError(`sched_getaffinity() of ${bits} bits: expected a size, found ${bytes}`);
    }
  }

  /** numa_error(): perror(), and the end of the program if it wants that. */
  error(where: string): void {
    this.#p.err(`${where}: ${strerror(this.errno)}\n`);
    if (this.exitOnError) throw new Exit(1);
  }
  /** numa_warn(): every kind of warning once in the life of a program. */
  warn(kind: string, text: string): void {
    if (this.#warned.has(kind)) return;
    this.#warned.add(kind);
    this.#p.err(`libnuma: Warning: ${text}\n`);
  }

  /** Makes a system call and keeps its errno. @returns its result. */
  async sys(call: string, ...args: readonly unknown[]): Promise<number> {
    return this.#keep(await this.#p.sys(call, ...args));
  }
  /** open(): a descriptor or a negative errno, which is kept. */
  async open(path: string, flags: number, mode = 0): Promise<number> {
    return this.#keep(await this.#p.box.files.descriptor(this.#p, path, flags, mode));
  }
  #keep(result: number): number {
    if (result < 0) this.errno = -result;
    return result;
  }
  /** sys(), with numa_error() when it fails. */
  async #must(where: string, call: string, ...args: readonly unknown[]): Promise<number> {
    const result = await this.sys(call, ...args);
    if (result < 0) this.error(where);
    return result;
  }

  /** Nodes of a list of the command line, ascending; null when it is none, and then libnuma has said why or nothing. `all`: cpusets do not count. */
  async parseNodes(text: string, all = false): Promise<readonly number[] | null> {
    const allowed = all ? upTo(this.maxNode + 1) : this.allNodes;
    return this.#list(parseNodeList(text, { what: 'node', allowed, configured: this.memNodes.length, size: this.nodeBits }));
  }
  async parseCpus(text: string, all = false): Promise<readonly number[] | null> {
    const allowed = all ? upTo(this.cpuCount) : this.allCpus;
    return this.#list(parseNodeList(text, { what: 'cpu', allowed, configured: this.cpuCount, size: this.cpuBits }), 'cpuparse');
  }
  async #list(list: NodeList, kind = 'nodeparse'): Promise<readonly number[] | null> {
    if ('numbers' in list) return list.numbers;
    if ('device' in list) this.warn('device', await deviceWarning(this.#p, list.device));
    else if (list.warning !== null) this.warn(kind, list.warning);
    return null;
  }

  /** Bytes of a node, -1 for what is not known. */
  async nodeSize(node: number): Promise<{ readonly size: number; readonly free: number }> {
    const size = await sysfs.nodeSize(this.#p, node);
    if (size === null) return { size: -1, free: -1 };
    if (size.found !== 2) this.warn('badmeminfo', `Cannot parse sysfs meminfo (${size.found})`);
    return size;
  }

  /** CPUs of a node; null when sysfs does not tell. */
  async nodeCpus(node: number): Promise<readonly number[] | null> {
    const text = await sysfs.cpumap(this.#p, node);
    if (typeof text === 'string') {
      const cpus = fromHex(text, this.cpuBits);
      if (cpus === null) this.warn('cpumap', 'Cannot parse cpumap. Assuming one node');
      return cpus;
    }
    if (this.nodes.includes(node)) this.warn('nosysfs2', `/sys not mounted or invalid. Assuming one node: ${strerror(-text)}`);
    return null;
  }

  /** The SLIT as sysfs has it: by position in `nodes`; 0 where nothing is said. */
  async distanceTable(): Promise<readonly (readonly number[])[]> {
    const table: (readonly number[])[] = [];
    for (const node of this.nodes) table.push(await sysfs.distances(this.#p, node, this.nodes));
    return table;
  }

  /** set_mempolicy() for the task itself. */
  async setPolicy(mode: number, nodes: readonly number[]): Promise<void> {
    await this.#must('set_mempolicy', 'set_mempolicy', mode, toMask(nodes, this.nodeBits), this.nodeBits + 1);
  }
  async setInterleave(nodes: readonly number[]): Promise<void> {
    await this.setPolicy(nodes.length === 0 ? MPOL_DEFAULT : MPOL_INTERLEAVE, nodes);
  }
  async setLocal(): Promise<void> {
    await this.setPolicy(MPOL_DEFAULT, []);
  }
  /** The policy of the task. */
  async policy(): Promise<Policy> {
    const mode = { value: 0 };
    const mask = toMask([], this.nodeBits);
    await this.#must('get_mempolicy', 'get_mempolicy', mode, mask, this.nodeBits + 1, 0, 0);
    return { mode: mode.value, nodes: fromMask(mask) };
  }
  /** The node that interleaving comes to next; 0 when the task does not interleave. */
  async interleaveNode(): Promise<number> {
    const node = { value: 0 };
    return (await this.#p.sys('get_mempolicy', node, null, 0, 0, MPOL_F_NODE)) === 0 ? node.value : 0;
  }

  /** mbind() of `length` bytes with the flags of numa_set_strict(). */
  async bindMemory(address: number, length: number, mode: number, nodes: readonly number[] | null): Promise<void> {
    const [mask, maxnode] = nodes === null ? [null, 0] : [toMask(nodes, this.nodeBits), this.nodeBits + 1];
    await this.#must('mbind', 'mbind', address, length, mode, mask, maxnode, this.#mbindFlags);
  }
  async localMemory(address: number, length: number): Promise<void> {
    await this.bindMemory(address, length, MPOL_PREFERRED, null);
  }
  setStrict(): void {
    this.#mbindFlags |= MPOL_MF_STRICT;
  }

  /** CPUs that the task may run on: sched_getaffinity(), with a longer and longer mask until it is long enough. */
  async affinity(): Promise<readonly number[] | null> {
    for (let bits = Math.max(this.cpuCount, 1); ; bits *= 2) {
      const mask = toMask([], bits);
      const result = await this.sys('sched_getaffinity', 0, mask.length * 4, mask);
      if (result >= 0) return fromMask(mask);
      if (result !== -EINVAL || bits >= 1024 * 1024) return null;
    }
  }
  async setAffinity(cpus: readonly number[]): Promise<number> {
    return this.sys('sched_setaffinity', 0, cpus);
  }
  /** numa_run_on_node_mask_all(): to the CPUs of some nodes, whatever the cpuset says about the nodes. */
  async runOnNodes(nodes: readonly number[]): Promise<void> {
    const cpus: number[] = [];
    for (const node of nodes) {
      if (node > this.maxNode) this.warn('noderunmask', `node ${node} not allowed`);
      else {
        const own = await this.nodeCpus(node);
        if (own === null) this.warn('noderunmask', 'Cannot read node cpumask from sysfs');
        else cpus.push(...own);
      }
    }
    if ((await this.setAffinity(cpus)) < 0) this.error('numa_sched_setaffinity_v2_int() failed');
  }
  /** Those nodes with memory for the task that have a CPU it may run on. */
  async runNodes(): Promise<readonly number[]> {
    const mine = new Set(await this.affinity());
    const nodes: number[] = [];
    for (const node of this.allNodes) {
      if (node <= this.maxNode && (await this.nodeCpus(node))?.some(cpu => mine.has(cpu)) === true) nodes.push(node);
    }
    return nodes;
  }
}
