/**
 * Where memory comes from: by the policy of the vma, else of the task, else the node of the CPU (mm/mempolicy.c of 2.6.12). The
 * law at the end compares with a model that knows policies as lists of nodes and nothing of zonelists or vmas.
 */
import fc from 'fast-check';
import { strictEqual } from 'node:assert/strict';
import { beforeEach, describe, expect, it } from 'vitest';
import { __GFP_DMA, GFP_ATOMIC, GFP_HIGHUSER, GFP_KERNEL } from '../src/include/linux/gfp.js';
import { page_to_nid, page_zone } from '../src/include/linux/mm.js';
import { MPOL_BIND, MPOL_DEFAULT, MPOL_INTERLEAVE, MPOL_PREFERRED } from '../src/include/linux/mempolicy.js';
import { ZONE_NORMAL } from '../src/include/linux/mmzone.js';
import type { Page } from '../src/include/linux/types.js';
import { boot, spawn, syscall } from '../src/index.js';
import { check_invariants } from '../src/testing.js';
import {
  bootNodes, finish, getPolicy, logOf, map, MAP_ANONYMOUS, MAP_PRIVATE, MAP_SHARED, mask, MAXNODE, mbind, nodesOf, PAGE, read, setPolicy, unmap, write, type Numa,
} from './numa.js';

let numa: Numa;
beforeEach(() => {
  numa = bootNodes();
});
/** Nodes of pages that the kernel takes for itself or for the page cache, one after the other. */
function kernelPages(from: Numa, count: number, gfp = GFP_KERNEL): number[] {
  return Array.from({ length: count }, () => {
    const page = finish(from, k => k.alloc_pages_current(gfp, 0));
    return page === 0 ? -1 : page_to_nid(from.k.m, page);
  });
}
/** Where interleaving puts a page of that number: the kernel cuts the number to 32 bits before it divides. */
const nthOf = (nodes: readonly number[], page: bigint): number => nodes[Number(BigInt.asUintN(32, page) % BigInt(nodes.length))]!;

/** Writes fresh memory and says where it is. */
function fresh(from: Numa, pages: number): number[] {
  const address = map(from, pages);
  write(from, address, pages);
  return nodesOf(from, address, pages);
}

describe('which policy counts', () => {
  it('without one memory comes from the node of the CPU', () => {
    expect(fresh(numa, 2)).toEqual([0, 0]);
    numa.task.cpu = 2;
    expect(fresh(numa, 2)).toEqual([2, 2]);
  });
  it('the policy of the task counts for all its memory', () => {
    setPolicy(numa, MPOL_BIND, mask(3));
    expect(fresh(numa, 2)).toEqual([3, 3]);
  });
  it('the policy of the vma wins over that of the task', () => {
    setPolicy(numa, MPOL_BIND, mask(3));
    const address = map(numa, 4);
    mbind(numa, address + PAGE, 2, MPOL_PREFERRED, mask(1));
    write(numa, address, 4);
    expect(nodesOf(numa, address, 4)).toEqual([3, 1, 1, 3]);
  });
  it('PREFERRED without a node on a vma keeps the policy of the task off it', () => {
    setPolicy(numa, MPOL_BIND, mask(3));
    const address = map(numa, 2);
    mbind(numa, address, 1, MPOL_PREFERRED, null);
    write(numa, address, 2);
    expect(nodesOf(numa, address, 2)).toEqual([0, 3]);
  });
  it('it counts when a page is first written, not when it is read', () => {
    const address = map(numa, 2);
    read(numa, address, 2);
    mbind(numa, address, 2, MPOL_BIND, mask(2));
    write(numa, address, 2);
    expect(nodesOf(numa, address, 2)).toEqual([2, 2]);
  });
  it('a copy after fork() comes by the policy of who writes', () => {
    const { k, task } = numa;
    const address = map(numa, 1);
    write(numa, address);
    const child = { k, task: k.m.tasks.get(syscall(k, task, 'fork'))! };
    setPolicy(child, MPOL_BIND, mask(2));
    write(child, address);
    expect([nodesOf(child, address, 1), nodesOf(numa, address, 1)]).toEqual([[2], [0]]);
  });
  it('what the kernel takes for itself, page tables too, comes by the policy of the task', () => {
    setPolicy(numa, MPOL_BIND, mask(2));
    expect(kernelPages(numa, 2)).toEqual([2, 2]);
    const address = map(numa, 1);
    mbind(numa, address, 1, MPOL_BIND, mask(1));
    const tables = numa.k.m.table_high;
    write(numa, address);
    expect([...numa.k.m.table_page.subarray(tables, numa.k.m.table_high)].map(page => page_to_nid(numa.k.m, page as Page))).toEqual([2, 2]);
  });
  it('an interrupt has no policy, whomever it interrupts', () => {
    setPolicy(numa, MPOL_BIND, mask(2));
    numa.k.m.in_interrupt = true;
    const nodes = kernelPages(numa, 1, GFP_ATOMIC);
    numa.k.m.in_interrupt = false;
    expect(nodes).toEqual([0]);
  });
});

describe('page cache', () => {
  it('comes by the policy of the task; the one of a mapping counts only for private copies', () => {
    const { k, task } = numa;
    const sb = k.m.super_blocks.find(candidate => candidate.s_root === '/')!;
    k.new_inode(sb, '/data', 4 * PAGE, 0o666);
    const fd = syscall(k, task, 'open', '/data', 2, 0);
    const address = syscall(k, task, 'mmap', 0, 4 * PAGE, 3, MAP_PRIVATE, fd, 0);
    mbind(numa, address, 4, MPOL_BIND, mask(3));
    setPolicy(numa, MPOL_PREFERRED, mask(1));
    read(numa, address, 4);
    expect(new Set(nodesOf(numa, address, 4))).toEqual(new Set([1]));
    write(numa, address, 2);
    expect(nodesOf(numa, address, 4)).toEqual([3, 3, 1, 1]);
  });
  it('interleaves by turns, whatever page of the file it is', () => {
    setPolicy(numa, MPOL_INTERLEAVE, mask(0, 2, 3));
    expect(kernelPages(numa, 5, GFP_HIGHUSER)).toEqual([0, 2, 3, 0, 2]);
  });
});

describe('PREFERRED', () => {
  it('takes from elsewhere when the node is full, and says nothing', () => {
    setPolicy(numa, MPOL_PREFERRED, mask(2));
    const nodes = fresh(numa, 600);
    expect(nodes.indexOf(2)).toBe(0);
    expect(nodes.filter(node => node !== 2).length).toBeGreaterThan(80);
    expect(check_invariants(numa.k)).toEqual([]);
  });
});

describe('BIND', () => {
  it('takes from its nodes in ascending order, however near they are', () => {
    numa.task.cpu = 3;
    setPolicy(numa, MPOL_BIND, mask(3, 1));
    const nodes = fresh(numa, 600);
    const first = nodes.lastIndexOf(1) + 1;
    expect(nodes.slice(0, first).every(node => node === 1)).toBe(true);
    expect(first).toBeGreaterThan(450);
    expect(nodes.slice(first).every(node => node === 3)).toBe(true);
  });
  it('takes from no other when all of them are full: somebody is killed instead', () => {
    setPolicy(numa, MPOL_BIND, mask(2));
    const address = map(numa, 600);
    expect(write(numa, address, 600)).toBeLessThan(520);
    expect(numa.task.state).toBe('Z');
    expect(logOf(numa).some(line => line.startsWith('Out of Memory: Killed process'))).toBe(true);
    expect(numa.k.nr_free_pages()).toBeGreaterThan(1500);
  });
  it('gives way to the node of the CPU when the cpuset has none of its nodes any more', () => {
    /* 2.6.18 and 6.1 move the nodes of policies along with a cpuset; here a policy keeps the nodes it was given. */
    const { k, task } = numa;
    setPolicy(numa, MPOL_BIND, mask(1));
    k.cpuset_mkdir('/elsewhere');
    k.cpuset_write('/elsewhere', 'cpus', '0-3');
    k.cpuset_write('/elsewhere', 'mems', '2-3');
    k.cpuset_write('/elsewhere', 'tasks', `${task.pid}`);
    task.cpu = 3;
    expect(fresh(numa, 2)).toEqual([3, 3]);
    expect(getPolicy(numa)).toEqual({ mode: MPOL_BIND, nodes: [1] });
  });
  it('takes only from those of its nodes that the cpuset still has', () => {
    const { k, task } = numa;
    setPolicy(numa, MPOL_BIND, mask(1, 2));
    k.cpuset_mkdir('/elsewhere');
    k.cpuset_write('/elsewhere', 'cpus', '0-3');
    k.cpuset_write('/elsewhere', 'mems', '2-3');
    k.cpuset_write('/elsewhere', 'tasks', `${task.pid}`);
    expect(fresh(numa, 2)).toEqual([2, 2]);
  });
  it('of no node means the node of the CPU', () => {
    setPolicy(numa, MPOL_BIND, null);
    expect(fresh(numa, 1)).toEqual([0]);
  });
  it('of no node is out of memory at once without CONFIG_CPUSETS: nobody asks whether a node is left', () => {
    numa = bootNodes({ config: { CONFIG_CPUSETS: false } });
    const address = map(numa, 1);
    write(numa, address);
    const second = map(numa, 1);
    setPolicy(numa, MPOL_BIND, null);
    expect(write(numa, second)).toBe(0);
    expect(numa.task.state).toBe('Z');
    expect(logOf(numa)).toContain(`VM: killing process ${numa.task.comm}`);
  });
});

describe('BIND where there is more than one zone', () => {
  /** Node 0 has 1024 frames of ZONE_DMA and 1024 of ZONE_NORMAL, node 1 only ZONE_NORMAL. */
  beforeEach(() => {
    const k = boot({ nodes: [{ id: 0, pages: 2048, cpus: [0] }, { id: 1, pages: 2048, cpus: [1] }], maxDmaPfn: 1024 });
    numa = { k, task: spawn(k, { cpu: 0 }) };
  });
  it('the highest zone that any BIND policy has seen is the one that is policied', () => {
    expect(numa.k.m.policy_zone).toBe(0);
    setPolicy(numa, MPOL_BIND, mask(1));
    expect(numa.k.m.policy_zone).toBe(ZONE_NORMAL);
  });
  it('memory of programs is bound', () => {
    setPolicy(numa, MPOL_BIND, mask(1));
    expect(fresh(numa, 2)).toEqual([1, 1]);
  });
  it('memory of the kernel is not: its zonelist has a lower number than the zone', () => {
    setPolicy(numa, MPOL_BIND, mask(1));
    expect(kernelPages(numa, 2)).toEqual([0, 0]);
  });
  it('memory for DMA is, and is none that DMA can reach: the number of a zonelist is compared with that of a zone', () => {
    expect(kernelPages(numa, 1, GFP_KERNEL | __GFP_DMA)).toEqual([0]);
    setPolicy(numa, MPOL_BIND, mask(1));
    const page = finish(numa, k => k.alloc_pages_current(GFP_KERNEL | __GFP_DMA, 0));
    expect(page_zone(numa.k.m, page)).toMatchObject({ node: 1, type: ZONE_NORMAL });
  });
  it('within a node the highest zone comes first', () => {
    setPolicy(numa, MPOL_BIND, mask(0));
    expect(numa.task.mempolicy?.zonelist?.map(zone => zone.name)).toEqual(['Normal', 'DMA']);
  });
});

describe('INTERLEAVE', () => {
  const byPlace = (nodes: readonly number[], address: number, pages: number): number[] =>
    Array.from({ length: pages }, (_, i) => nthOf(nodes, BigInt(address) / BigInt(PAGE) + BigInt(i)));

  it('memory goes by its address, in whatever order it is touched', () => {
    const address = map(numa, 6);
    mbind(numa, address, 6, MPOL_INTERLEAVE, mask(0, 1, 3));
    for (const page of [5, 0, 3, 1, 4, 2]) write(numa, address + page * PAGE);
    expect(nodesOf(numa, address, 6)).toEqual(byPlace([0, 1, 3], address, 6));
  });
  it('a part goes on as the whole would have', () => {
    const address = map(numa, 8);
    mbind(numa, address + 3 * PAGE, 5, MPOL_INTERLEAVE, mask(0, 1, 3));
    write(numa, address + 3 * PAGE, 5);
    unmap(numa, address + 4 * PAGE, 1);
    expect(nodesOf(numa, address + 3 * PAGE, 5)).toEqual(byPlace([0, 1, 3], address + 3 * PAGE, 5).map((node, i) => (i === 1 ? -1 : node)));
  });
  it('as policy of the task it too goes by address for memory, and by turns only for the rest', () => {
    const address = map(numa, 6);
    write(numa, address + 5 * PAGE);
    setPolicy(numa, MPOL_INTERLEAVE, mask(0, 1, 3));
    write(numa, address, 5);
    expect(nodesOf(numa, address, 5)).toEqual(byPlace([0, 1, 3], address, 5));
    expect(numa.task.il_next).toBe(0);
  });
  it('counts an interleave_hit when the node could give the page itself', () => {
    setPolicy(numa, MPOL_INTERLEAVE, mask(1));
    const zone = numa.k.m.node_data[1]!.node_zones[0]!;
    kernelPages(numa, 3);
    expect(zone.pageset[0]?.interleave_hit).toBe(3);
    const { m } = numa.k;
    numa.k.cpuset_mkdir('/elsewhere');
    numa.k.cpuset_write('/elsewhere', 'cpus', '0');
    numa.k.cpuset_write('/elsewhere', 'mems', '2');
    numa.k.cpuset_write('/elsewhere', 'tasks', `${numa.task.pid}`);
    expect(kernelPages(numa, 1)).toEqual([2]);
    expect(m.zones.reduce((sum, each) => sum + (each?.pageset[0]?.interleave_hit ?? 0), 0)).toBe(3);
  });
  it('goes on behind il_next even where that is no node of the mask', () => {
    setPolicy(numa, MPOL_INTERLEAVE, mask(0, 3));
    numa.task.il_next = 1;
    expect(kernelPages(numa, 3)).toEqual([1, 3, 0]);
  });
  it.each([
    ['behind the last node number', 256, 'interleave_nodes'],
    ['negative', -1, 'interleave_nodes'],
    ['no node that is there', 100, 'alloc_page_interleave'],
  ])('il_next %s is a BUG', (_, il_next, where) => {
    setPolicy(numa, MPOL_INTERLEAVE, mask(0, 3));
    numa.task.il_next = il_next;
    expect(() => kernelPages(numa, 1)).toThrow(where);
    expect(logOf(numa)).toContain(`kernel BUG at mm/mempolicy.c:${where}()!`);
  });
  it('of no node is a BUG when memory is touched, and when the kernel allocates', () => {
    const address = map(numa, 1);
    mbind(numa, address, 1, MPOL_INTERLEAVE, null);
    expect(write(numa, address)).toBe(0);
    expect(numa.task.state).toBe('Z');
    expect(logOf(numa)).toContain('kernel BUG at mm/mempolicy.c:offset_il_node()!');
    const other = { k: numa.k, task: spawn(numa.k, { cpu: 0 }) };
    setPolicy(other, MPOL_INTERLEAVE, null);
    expect(() => kernelPages(other, 1)).toThrow('interleave_nodes');
  });
});

describe('memory of an object without a policy', () => {
  it('comes by the policy of the task when it is shared', () => {
    const address = map(numa, 2, MAP_SHARED | MAP_ANONYMOUS);
    setPolicy(numa, MPOL_BIND, mask(3));
    write(numa, address, 2);
    expect(nodesOf(numa, address, 2)).toEqual([3, 3]);
  });
  it('comes from the node of the CPU when it is a private copy of tmpfs: the object alone is asked', () => {
    const { k, task } = numa;
    k.new_super_block('tmpfs', '/tmp', null, 0);
    const fd = syscall(k, task, 'open', '/tmp/file', 0o102, 0o600);
    syscall(k, task, 'ftruncate', fd, 2 * PAGE);
    const address = syscall(k, task, 'mmap', 0, 2 * PAGE, 3, MAP_PRIVATE, fd, 0);
    setPolicy(numa, MPOL_BIND, mask(3));
    read(numa, address, 2);
    expect(nodesOf(numa, address, 2)).toEqual([3, 3]);
    write(numa, address);
    expect(nodesOf(numa, address, 2)).toEqual([0, 3]);
  });
});

/** The model: each page has a policy or none, the task has one or none. No zonelists, no vmas, no reference counts. */
interface ModelPolicy { readonly mode: number; readonly nodes: readonly number[] }
class PolicyModel {
  readonly pages: { policy: ModelPolicy | null; node: number }[];
  task: ModelPolicy | null = null;
  mems = [0, 1, 2, 3];
  cpu = 0;
  readonly firstPage: bigint;
  constructor(firstPage: bigint, count: number) {
    this.firstPage = firstPage;
    this.pages = Array.from({ length: count }, () => ({ policy: null, node: -1 }));
  }
  /** The policy that a call sets, or undefined when it is refused. null: a null mask. */
  make(mode: number, asked: readonly number[] | null): ModelPolicy | null | undefined {
    const nodes = (asked ?? []).filter(node => this.mems.includes(node));
    if (asked !== null && nodes.length === 0 && (mode === MPOL_BIND || mode === MPOL_INTERLEAVE)) return undefined;
    if (mode === MPOL_DEFAULT) return nodes.length === 0 ? null : undefined;
    return { mode, nodes: mode === MPOL_PREFERRED ? nodes.slice(0, 1) : nodes };
  }
  /** The nodes a page written now may come from. */
  allowed(page: number): readonly number[] {
    const policy = this.pages[page]!.policy ?? this.task;
    const local = this.#within([this.cpu]);
    if (policy === null) return local;
    switch (policy.mode) {
      case MPOL_PREFERRED: return policy.nodes.length === 0 ? local : this.#within(policy.nodes);
      case MPOL_BIND: {
        const first = policy.nodes.find(node => this.mems.includes(node));
        return first === undefined ? local : [first];
      }
      default: return this.#within([nthOf(policy.nodes, this.firstPage + BigInt(page))]);
    }
  }
  /** A node that the cpuset does not have is replaced by any that it has. */
  #within(nodes: readonly number[]): readonly number[] {
    return nodes.every(node => this.mems.includes(node)) ? nodes : this.mems;
  }
}

const SIZE = 20;
const nodesArbitrary = fc.uniqueArray(fc.constantFrom(0, 1, 2, 3, 7), { maxLength: 4 }).map(nodes => nodes.sort((a, b) => a - b));
const policyArbitrary = fc.record({ mode: fc.constantFrom(MPOL_DEFAULT, MPOL_PREFERRED, MPOL_BIND, MPOL_INTERLEAVE), nodes: fc.option(nodesArbitrary, { freq: 8 }) })
  .filter(({ mode, nodes }) => mode !== MPOL_INTERLEAVE || nodes !== null);
const rangeArbitrary = fc.tuple(fc.nat(SIZE - 1), fc.nat(SIZE - 1)).map(([a, b]) => ({ start: Math.min(a, b), pages: Math.abs(a - b) + 1 }));
type Step =
  | { readonly kind: 'task'; readonly policy: { mode: number; nodes: number[] | null } }
  | { readonly kind: 'mbind'; readonly range: { start: number; pages: number }; readonly policy: { mode: number; nodes: number[] | null } }
  | { readonly kind: 'touch'; readonly range: { start: number; pages: number }; readonly write: boolean }
  | { readonly kind: 'cpu'; readonly cpu: number }
  | { readonly kind: 'mems'; readonly mems: number[] };
const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('task' as const), policy: policyArbitrary }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('mbind' as const), range: rangeArbitrary, policy: policyArbitrary }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('touch' as const), range: fc.record({ start: fc.nat(SIZE - 4), pages: fc.integer({ min: 1, max: 4 }) }), write: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cpu' as const), cpu: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('mems' as const), mems: fc.uniqueArray(fc.nat(3), { minLength: 1 }).map(mems => mems.sort((a, b) => a - b)) }) },
);

describe('law', () => {
  it('with plenty of memory every page lies where the policies, the CPU and the cpuset of the moment of its first store let it', () => {
    const k = boot({ nodes: [0, 1, 2, 3].map(id => ({ id, pages: 4096, cpus: [id] })) });
    k.cpuset_mkdir('/law');
    k.cpuset_write('/law', 'cpus', '0-3');
    fc.assert(fc.property(fc.array(stepArbitrary, { maxLength: 40 }), steps => {
      const one: Numa = { k, task: spawn(k, { cpu: 0 }) };
      k.cpuset_write('/law', 'mems', '0-3');
      k.cpuset_write('/law', 'tasks', `${one.task.pid}`);
      const address = map(one, SIZE);
      const model = new PolicyModel(BigInt(address) / BigInt(PAGE), SIZE);
      for (const step of steps) run(one, model, address, step);
      expect(nodesOf(one, address, SIZE).map((node, page) => (model.pages[page]!.node === -1 ? -1 : node))).toEqual(model.pages.map(page => page.node));
      for (const [page, { policy }] of model.pages.entries()) {
        const local = policy?.mode === MPOL_PREFERRED && policy.nodes.length === 0;
        expect(getPolicy(one, address + page * PAGE), `policy of page ${page}`)
          .toEqual({ mode: policy?.mode ?? MPOL_DEFAULT, nodes: local ? [0, 1, 2, 3] : [...(policy?.nodes ?? [])] });
      }
      syscall(k, one.task, 'exit', 0);
      syscall(k, k.m.init_task, 'wait4', one.task.pid);
      expect(check_invariants(k)).toEqual([]);
    }), { numRuns: 150 });
  });

  function run(one: Numa, model: PolicyModel, address: number, step: Step): void {
    switch (step.kind) {
      case 'cpu':
        one.task.cpu = model.cpu = step.cpu;
        return;
      case 'mems':
        expect(one.k.cpuset_write('/law', 'mems', step.mems.join(','))).toBeGreaterThan(0);
        model.mems = step.mems;
        return;
      case 'task': {
        const policy = model.make(step.policy.mode, step.policy.nodes);
        const result = setPolicy(one, step.policy.mode, step.policy.nodes === null ? null : mask(...step.policy.nodes), MAXNODE);
        strictEqual(result === 0, policy !== undefined);
        if (policy !== undefined) model.task = policy;
        return;
      }
      case 'mbind': {
        const { start, pages } = step.range;
        const policy = model.make(step.policy.mode, step.policy.nodes);
        const result = mbind(one, address + start * PAGE, pages, step.policy.mode, step.policy.nodes === null ? null : mask(...step.policy.nodes));
        strictEqual(result === 0, policy !== undefined);
        if (policy !== undefined) for (let page = start; page < start + pages; page++) model.pages[page]!.policy = policy;
        return;
      }
      case 'touch':
        for (let page = step.range.start; page < step.range.start + step.range.pages; page++) {
          const at = model.pages[page]!;
          if (!step.write) {
            read(one, address + page * PAGE);
            continue;
          }
          const allowed = at.node === -1 ? model.allowed(page) : [at.node];
          write(one, address + page * PAGE);
          const [node] = nodesOf(one, address + page * PAGE, 1);
          expect(allowed, `node of page ${page}`).toContain(node);
          at.node = node!;
        }
    }
  }
});
