/**
 * Builds an imported process on a simulated machine, with system calls of the task itself wherever 2.6.12 has one:
 *
 *   map     mmap(MAP_FIXED) of every vma, and a policy of its own for each, another than its neighbours', so that they do not merge
 *   fill    node by node: mbind() and set_mempolicy() bind vma and task to the node, then the task touches its pages there
 *   finish  mprotect() to the final protection, flags, the policies of numa_maps by mbind() and set_mempolicy(), credentials, CPUs, cpuset
 *   share   children by fork(), which map what others mapped too
 *
 * Where there is no call, a field is set and the place says for what it stands.
 */
import { MAX_NUMNODES, nodemask_of } from '@pmkit/mm-core/include/linux/nodemask';
import { MPOL_BIND, MPOL_DEFAULT, MPOL_INTERLEAVE, MPOL_PREFERRED } from '@pmkit/mm-core/include/linux/mempolicy';
import { spawn, touch, type Task, type Vma } from '@pmkit/mm-core';
import type { AnyKernel } from '@pmkit/series/levels';
import { must } from './must.js';
import { vmaPlacement } from '../views/index.js';
import { assignPages, type Run } from './assign.js';
import { mapAll, protectionOf, protectionWhileFilled } from './build-objects.js';
import { ImportError } from './error.js';
import { confine, setCredentials, setFlags, setMarks } from './finish.js';
import { layOut } from './layout.js';
import { DEFAULT_POLICY, hex, nodesNamed, pagesOf, type ImportedPolicy, type ImportedProcess } from './process.js';
import { shareWithOthers } from './sharers.js';

export interface BuiltProcess {
  readonly task: Task;
  /** Children that map what other processes mapped. */
  readonly sharers: readonly Task[];
  /** Simulated start addresses, by index in the `vmas` of the imported process. */
  readonly starts: readonly number[];
  /** Real start address by simulated one. */
  readonly realStart: ReadonlyMap<number, number>;
  /** What could not be built as it was, in sentences. */
  readonly differences: readonly string[];
}

const MAXNODE = MAX_NUMNODES + 1;
const MODES = { default: MPOL_DEFAULT, preferred: MPOL_PREFERRED, bind: MPOL_BIND, interleave: MPOL_INTERLEAVE } as const;

/** @throws ImportError when the machine is not one that can hold the process; {Error} naming the call when the kernel refuses. */
export function buildProcess(k: AnyKernel, process: ImportedProcess): BuiltProcess {
  const { m } = k;
  checkMachine(k, process);
  const starts = layOut(m, process.vmas);
  const home = homeOf(k, process);
  const task = spawn(k, { comm: process.comm, cpu: m.cpus.find((cpu) => m.cpu_to_node[cpu] === home) ?? m.cpus[0]! });
  const guards = [MPOL_PREFERRED, MPOL_INTERLEAVE];
  const guard = (index: number): void => {
    bindRange(k, task, process, starts, index, guards[index % 2]!, [m.node_ids[0]!]);
  };
  mapAll(k, task, process, starts, guard);
  const assignments = assignPages(process);
  // to copy a page of an object brings that page into the page cache, so all of those must be there before
  for (const part of ['runs', 'copies'] as const) {
    assignments.forEach((assignment, index) => {
      fill(k, task, process, starts, index, assignment[part]);
      guard(index);
    });
  }
  process.vmas.forEach((vma, index) => {
    if (protectionOf(vma) !== protectionWhileFilled(vma)) must(k, task, 'mprotect', starts[index], vma.end - vma.start, protectionOf(vma));
  });
  for (const index of byOffset(process)) {
    const { mode, nodes } = process.vmas[index]!.policy ?? DEFAULT_POLICY;
    bindRange(k, task, process, starts, index, MODES[mode], nodes);
  }
  setTaskPolicy(k, task, process.policy);
  setMarks(task, process, starts);
  setFlags(m, vmasAt(task, starts), process);
  const sharers = shareWithOthers(k, task, process, vmasAt(task, starts));
  for (const sharer of [task, ...sharers]) setCredentials(k, sharer, process);
  confine(k, task, process);
  const realStart = new Map(process.vmas.map(({ start }, index) => [starts[index]!, start]));
  return { task, sharers, starts, realStart, differences: compare(k, task, process, starts) };
}

/**
 * Indexes of the vmas by offset into what they map. The policy of shared memory is the object's, page by page, and numa_maps tells that of the
 * first page of a vma: a vma that begins further behind knows better from there on.
 */
function byOffset({ vmas }: ImportedProcess): number[] {
  return vmas.map((_, index) => index).sort((a, b) => vmas[a]!.offset - vmas[b]!.offset || a - b);
}

/** The nodes must be there, and large enough for what was on them; page tables and copies of file pages take some room as well. */
function checkMachine({ m }: AnyKernel, process: ImportedProcess): void {
  if (m.PAGE_SIZE !== process.pageSize) {
    throw new ImportError({ file: m.name, field: 'page size', found: `${m.PAGE_SIZE} bytes`, expected: `${process.pageSize}, that of the process` });
  }
  const missing = nodesNamed({ ...process, mems: [] }).find((node) => !m.node_ids.includes(node));
  if (missing !== undefined) throw new ImportError({ file: m.name, field: 'nodes', found: m.node_ids.join(' '), expected: `a machine with node ${missing}, which the process uses` });
  const needed = new Map<number, number>();
  for (const vma of process.vmas) for (const [node, pages] of vma.nodes) needed.set(node, (needed.get(node) ?? 0) + pages);
  for (const { id, pages } of m.nodeConfig) {
    const need = needed.get(id) ?? 0;
    if (need > pages) throw new ImportError({ file: m.name, field: `memory of node ${id}`, found: `${pages} pages`, expected: `more than the ${need} pages that the process has there` });
  }
}

/** The node that the process has most of its pages on. */
function homeOf({ m }: AnyKernel, { vmas }: ImportedProcess): number {
  const pages = new Map<number, number>();
  for (const vma of vmas) for (const [node, count] of vma.nodes) pages.set(node, (pages.get(node) ?? 0) + count);
  return [...pages].sort(([a, x], [b, y]) => y - x || a - b)[0]?.[0] ?? m.node_ids[0]!;
}

function bindRange(k: AnyKernel, task: Task, { vmas }: ImportedProcess, starts: readonly number[], index: number, mode: number, nodes: readonly number[]): void {
  const { start, end } = vmas[index]!;
  must(k, task, 'mbind', starts[index], end - start, mode, nodes.length === 0 ? null : nodemask_of(...nodes), nodes.length === 0 ? 0 : MAXNODE, 0);
}

function setTaskPolicy(k: AnyKernel, task: Task, { mode, nodes }: ImportedPolicy): void {
  must(k, task, 'set_mempolicy', MODES[mode], nodes.length === 0 ? null : nodemask_of(...nodes), nodes.length === 0 ? 0 : MAXNODE);
}

/** Touches the pages of a vma. Copies and anonymous memory come from the vma's policy, pages of files and page tables from the task's. */
function fill(k: AnyKernel, task: Task, process: ImportedProcess, starts: readonly number[], index: number, runs: readonly Run[]): void {
  const { PAGE_SIZE } = k.m;
  let bound = -1;
  for (const { page, count, node, access } of runs) {
    if (node !== bound) {
      bindRange(k, task, process, starts, index, MPOL_BIND, [node]);
      setTaskPolicy(k, task, { mode: 'bind', nodes: [node] });
      bound = node;
    }
    if (touch(k, task, starts[index]! + page * PAGE_SIZE, count, access) === count) continue;
    const found = k.m.log.at(-1)?.text ?? `state ${task.state}`;
    throw new ImportError({ file: k.m.name, field: `${hex(process.vmas[index]!.start)} on node ${node}`, found, expected: 'memory for its pages' });
  }
}

/** The vmas of the imported process, in its order. */
function vmasAt(task: Task, starts: readonly number[]): Vma[] {
  const byStart = new Map<number, Vma>();
  for (let vma = task.mm?.mmap ?? null; vma !== null; vma = vma.vm_next) byStart.set(vma.vm_start, vma);
  return starts.map((start) => byStart.get(start) ?? missingVma(start));
}
function missingVma(start: number): never {
  throw new Error(`import: no vma begins at ${hex(start)}`);
}

/** Holds what was built against what was asked for. */
function compare({ m }: AnyKernel, task: Task, { vmas }: ImportedProcess, starts: readonly number[]): string[] {
  const differences: string[] = [];
  const built = vmasAt(task, starts);
  vmas.forEach((vma, index) => {
    const { nodes, anon } = vmaPlacement(m, built[index]!);
    const wanted = new Map(vma.nodes);
    const at = hex(vma.start);
    m.node_ids.forEach((node) => {
      const want = wanted.get(node) ?? 0;
      if (nodes[node] !== want) differences.push(`${at}: ${nodes[node] ?? 0} pages on node ${node} instead of ${want}`);
    });
    if (anon !== vma.anon && pagesOf(vma) > 0) differences.push(`${at}: ${anon} anonymous pages instead of ${vma.anon}`);
  });
  return differences;
}
