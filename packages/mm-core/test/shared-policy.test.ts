/**
 * Policies of shared memory: they belong to ranges of the object and outlive the mappings. With the law that the red-black tree
 * of ranges is an array of policies by page, and the reference that 2.6.12 forgets.
 */
import { injectError } from '@pmkit/linker';
import fc from 'fast-check';
import { ok, strictEqual } from 'node:assert/strict';
import { beforeEach, describe, expect, it } from 'vitest';
import { ENOMEM } from '../src/include/linux/errno.js';
import type { Inode } from '../src/include/linux/fs.js';
import { MPOL_BIND, MPOL_DEFAULT, MPOL_INTERLEAVE, MPOL_PREFERRED, type Mempolicy, type SharedPolicy, type SpNode } from '../src/include/linux/mempolicy.js';
import type { Vma } from '../src/include/linux/mm_types.js';
import { IPC_CREAT, IPC_PRIVATE, IPC_RMID } from '../src/include/linux/shm.js';
import { boot, spawn, syscall } from '../src/index.js';
import { rb_first, rb_next } from '../src/lib/rbtree.js';
import { check_invariants } from '../src/testing.js';
import { bootNodes, getPolicy, layout, map, MAP_ANONYMOUS, MAP_PRIVATE, MAP_SHARED, mask, mbind, nodesOf, PAGE, setPolicy, unmap, write, type Numa } from './numa.js';

let numa: Numa;
beforeEach(() => {
  numa = bootNodes();
});
/** A segment of `pages` pages and where the task has attached it. */
function segment(pages: number): { id: number; address: number } {
  const id = syscall(numa.k, numa.task, 'shmget', IPC_PRIVATE, pages * PAGE, IPC_CREAT | 0o666);
  return { id, address: attach(numa, id) };
}
const attach = ({ k, task }: Numa, id: number): number => syscall(k, task, 'shmat', id, 0, 0);
const another = (cpu = 0): Numa => ({ k: numa.k, task: spawn(numa.k, { cpu }) });
const inodeAt = ({ task }: Numa, address: number): Inode => {
  let vma: Vma | null = task.mm!.mmap;
  while (vma !== null && vma.vm_end <= address) vma = vma.vm_next;
  return vma!.vm_file!.f_inode;
};
/** The ranges of an object in order: first page, end, mode. */
function ranges(policy: SharedPolicy): string[] {
  const list: string[] = [];
  for (let node = policy.root === null ? null : rb_first(policy.root); node !== null; node = rb_next<SpNode>(node)) list.push(`${node.start}-${node.end}:${node.policy.policy}`);
  return list;
}

describe('the policy of a shared object', () => {
  it('counts for whoever touches a page first, through whatever mapping', () => {
    const { id, address } = segment(4);
    mbind(numa, address + PAGE, 2, MPOL_BIND, mask(3));
    const other = another(1);
    const there = attach(other, id);
    write(other, there, 4);
    expect(nodesOf(other, there, 4)).toEqual([1, 3, 3, 1]);
  });
  it('wins over the policy of the task; where it has none that counts', () => {
    const { address } = segment(4);
    mbind(numa, address, 2, MPOL_PREFERRED, mask(2));
    setPolicy(numa, MPOL_BIND, mask(3));
    write(numa, address, 4);
    expect(nodesOf(numa, address, 4)).toEqual([2, 2, 3, 3]);
  });
  it('stays when nobody has it mapped', () => {
    const { id, address } = segment(2);
    mbind(numa, address, 2, MPOL_BIND, mask(2));
    expect(syscall(numa.k, numa.task, 'shmdt', address)).toBe(0);
    const other = another();
    const there = attach(other, id);
    expect(getPolicy(other, there)).toEqual({ mode: MPOL_BIND, nodes: [2] });
    write(other, there, 2);
    expect(nodesOf(other, there, 2)).toEqual([2, 2]);
  });
  it('is told at an address, whoever set it last and through whatever mapping', () => {
    const { id, address } = segment(4);
    const other = another();
    const there = attach(other, id);
    mbind(numa, address, 4, MPOL_BIND, mask(2));
    mbind(other, there + 2 * PAGE, 2, MPOL_PREFERRED, mask(1));
    expect(getPolicy(numa, address)).toEqual({ mode: MPOL_BIND, nodes: [2] });
    expect(getPolicy(numa, address + 3 * PAGE)).toEqual({ mode: MPOL_PREFERRED, nodes: [1] });
    expect(layout(numa, address), 'the vma still has what it was given itself').toEqual(['0+4:2']);
  });
  it('is taken away with MPOL_DEFAULT', () => {
    const { address } = segment(4);
    mbind(numa, address, 4, MPOL_BIND, mask(2));
    mbind(numa, address + PAGE, 1, MPOL_DEFAULT, null);
    expect(ranges(inodeAt(numa, address).shmem!.policy)).toEqual(['0-1:2', '2-4:2']);
    expect(getPolicy(numa, address + PAGE)).toEqual({ mode: MPOL_DEFAULT, nodes: [] });
  });
  it('interleaves by the page of the object, wherever that is mapped', () => {
    const { id, address } = segment(6);
    mbind(numa, address, 6, MPOL_INTERLEAVE, mask(0, 1, 3));
    const other = another();
    const there = attach(other, id);
    write(other, there + 3 * PAGE, 3);
    write(numa, address, 3);
    expect(nodesOf(numa, address, 3)).toEqual([0, 1, 3]);
    expect(nodesOf(other, there + 3 * PAGE, 3)).toEqual([0, 1, 3]);
  });
  it('counts from where a mapping of a file begins', () => {
    const { k, task } = numa;
    k.new_super_block('tmpfs', '/tmp', null, 0);
    const fd = syscall(k, task, 'open', '/tmp/file', 0o102, 0o600);
    syscall(k, task, 'ftruncate', fd, 8 * PAGE);
    const address = syscall(k, task, 'mmap', 0, 4 * PAGE, 3, MAP_SHARED, fd, 2 * PAGE);
    mbind(numa, address + PAGE, 2, MPOL_BIND, mask(2));
    expect(ranges(inodeAt(numa, address).shmem!.policy)).toEqual(['3-5:2']);
    const whole = syscall(k, task, 'mmap', 0, 8 * PAGE, 3, MAP_SHARED, fd, 0);
    write(numa, whole, 8);
    expect(nodesOf(numa, whole, 8)).toEqual([0, 0, 0, 2, 2, 0, 0, 0]);
  });
  it('shared anonymous memory has one too, and a child sees it', () => {
    const address = map(numa, 4, MAP_SHARED | MAP_ANONYMOUS);
    mbind(numa, address, 4, MPOL_BIND, mask(3));
    const child = { k: numa.k, task: numa.k.m.tasks.get(syscall(numa.k, numa.task, 'fork'))! };
    mbind(child, address + 2 * PAGE, 2, MPOL_BIND, mask(1));
    write(numa, address, 4);
    expect(nodesOf(numa, address, 4)).toEqual([3, 3, 1, 1]);
  });
  it('is not changed by unmapping a part', () => {
    const { address } = segment(4);
    mbind(numa, address, 4, MPOL_BIND, mask(3));
    unmap(numa, address + PAGE, 1);
    expect(ranges(inodeAt(numa, address).shmem!.policy)).toEqual(['0-4:2']);
    expect(check_invariants(numa.k)).toEqual([]);
  });
  it('goes with the object', () => {
    const { id, address } = segment(4);
    mbind(numa, address, 4, MPOL_BIND, mask(3));
    const { policy } = inodeAt(numa, address).shmem!.policy.root!;
    expect(policy.refcnt, 'of the range and of the vma').toBe(2);
    syscall(numa.k, numa.task, 'shmctl', id, IPC_RMID);
    syscall(numa.k, numa.task, 'shmdt', address);
    expect(policy.refcnt).toBe(0);
    expect(check_invariants(numa.k)).toEqual([]);
  });
  it('no memory for a range is ENOMEM, with object and vma as they were', () => {
    const { address } = segment(4);
    mbind(numa, address, 4, MPOL_BIND, mask(3));
    const old = inodeAt(numa, address).shmem!.policy.root!.policy;
    /* For BIND: the policy, its zones, the range, and the second half of the range that is split. */
    for (const after of [2, 3]) {
      const stop = injectError(numa.k, 'kmalloc', 0, { after });
      expect(mbind(numa, address + PAGE, 2, MPOL_BIND, mask(1)), `allocation ${after} fails`).toBe(-ENOMEM);
      stop();
      expect(ranges(inodeAt(numa, address).shmem!.policy)).toEqual(['0-4:2']);
      expect(inodeAt(numa, address).shmem!.policy.root!.policy).toBe(old);
      expect(getPolicy(numa, address + PAGE)).toEqual({ mode: MPOL_BIND, nodes: [3] });
    }
    expect(check_invariants(numa.k)).toEqual([]);
  });
});

/**
 * A defect of 2.6.12, not of the series: shmem_get_policy() returns the policy with a reference, and neither get_mempolicy() nor
 * get_vma_policy() drops it. So a policy that anybody has looked at is never freed: whoever may call mbind() can use up the
 * kernel's memory, 40 bytes and a zonelist at a time. Still so in 2.6.18.
 */
describe('the reference that shmem_get_policy() takes', () => {
  const policyOf = (address: number): Mempolicy => inodeAt(numa, address).shmem!.policy.root!.policy;

  it('is leaked by every get_mempolicy() at an address', () => {
    const { address } = segment(4);
    mbind(numa, address, 4, MPOL_BIND, mask(3));
    const before = policyOf(address).refcnt;
    for (let i = 0; i < 5; i++) getPolicy(numa, address);
    expect(policyOf(address).refcnt).toBe(before + 5);
  });
  it('keeps the policy when object and mappings are gone', () => {
    const { id, address } = segment(4);
    mbind(numa, address, 4, MPOL_BIND, mask(3));
    const policy = policyOf(address);
    getPolicy(numa, address);
    syscall(numa.k, numa.task, 'shmctl', id, IPC_RMID);
    syscall(numa.k, numa.task, 'shmdt', address);
    expect(numa.k.m.shm.size).toBe(0);
    expect(policy.refcnt).toBe(1);
    expect(policy.zonelist).not.toBeNull();
  });
  it('is leaked by every private copy of a page of a tmpfs file', () => {
    const { k, task } = numa;
    k.new_super_block('tmpfs', '/tmp', null, 0);
    const fd = syscall(k, task, 'open', '/tmp/file', 0o102, 0o600);
    syscall(k, task, 'ftruncate', fd, 4 * PAGE);
    const shared = syscall(k, task, 'mmap', 0, 4 * PAGE, 3, MAP_SHARED, fd, 0);
    mbind(numa, shared, 4, MPOL_BIND, mask(2));
    const before = policyOf(shared).refcnt;
    const copy = syscall(k, task, 'mmap', 0, 4 * PAGE, 3, MAP_PRIVATE, fd, 0);
    write(numa, copy, 3);
    expect(nodesOf(numa, copy, 3)).toEqual([2, 2, 2]);
    expect(policyOf(shared).refcnt).toBe(before + 3);
  });
  it('is not leaked where the object itself allocates', () => {
    const { address } = segment(4);
    mbind(numa, address, 4, MPOL_BIND, mask(3));
    const before = policyOf(address).refcnt;
    write(numa, address, 4);
    expect(policyOf(address).refcnt).toBe(before);
  });
  it('is not taken where the object has no policy', () => {
    const { address } = segment(4);
    mbind(numa, address, 2, MPOL_BIND, mask(3));
    const before = policyOf(address).refcnt;
    getPolicy(numa, address + 3 * PAGE);
    expect(policyOf(address).refcnt).toBe(before);
  });
});

const SIZE = 40;
describe('law', () => {
  const k = boot({ nodes: [{ id: 0, pages: 256, cpus: [0] }] });
  const rangeArbitrary = fc.tuple(fc.nat(SIZE - 1), fc.nat(SIZE - 1)).map(([a, b]) => [Math.min(a, b), Math.max(a, b) + 1] as const);

  /** Ranges in order, disjoint, not empty; links and colours as a red-black tree has them. */
  function checkTree(policy: SharedPolicy): SpNode[] {
    const nodes: SpNode[] = [];
    const blackHeight = (node: SpNode | null, parent: SpNode | null): number => {
      if (node === null) return 1;
      strictEqual(node.rb_parent, parent);
      if (parent?.rb_red === true) strictEqual(node.rb_red, false, 'a red child of a red node');
      const left = blackHeight(node.rb_left, node);
      nodes.push(node);
      strictEqual(blackHeight(node.rb_right, node), left, 'black height');
      return left + (node.rb_red ? 0 : 1);
    };
    blackHeight(policy.root, null);
    nodes.forEach((node, i) => {
      ok(node.start < node.end);
      if (i > 0) ok(nodes[i - 1]!.end <= node.start);
    });
    return nodes;
  }

  it('the tree of ranges is an array of policies by page, and each policy has one reference for every range that has it', () => {
    const stepArbitrary = fc.record({ range: rangeArbitrary, policy: fc.nat(4) });
    fc.assert(fc.property(fc.array(stepArbitrary, { maxLength: 60 }), steps => {
      const policies: Mempolicy[] = [1, 2, 3, 4].map(node => ({ refcnt: 1, policy: MPOL_PREFERRED, zonelist: null, preferred_node: node, nodes: null }));
      const info = k.mpol_shared_policy_init();
      const pages: (Mempolicy | null)[] = Array.from({ length: SIZE }, () => null);
      for (const { range: [start, end], policy } of steps) {
        const wanted = policies[policy - 1] ?? null;
        const vma = { vm_pgoff: start, vm_start: 0x1000 * PAGE, vm_end: (0x1000 + end - start) * PAGE } as Vma;
        strictEqual(k.mpol_set_shared_policy(info, vma, wanted), 0);
        pages.fill(wanted, start, end);
        const nodes = checkTree(info);
        policies.forEach(each => strictEqual(each.refcnt, 1 + nodes.filter(node => node.policy === each).length));
      }
      pages.forEach((expected, page) => {
        const found = k.mpol_shared_policy_lookup(info, page);
        expect(found, `page ${page}`).toBe(expected);
        if (found !== null) found.refcnt--;
      });
      k.mpol_free_shared_policy(info);
      expect(policies.map(each => each.refcnt)).toEqual([1, 1, 1, 1]);
      expect(info.root).toBeNull();
    }), { numRuns: 300 });
  });
  it('a search finds the first range that intersects', () => {
    fc.assert(fc.property(fc.array(rangeArbitrary, { maxLength: 12 }), rangeArbitrary, (wanted, [start, end]) => {
      const policy: Mempolicy = { refcnt: 1, policy: MPOL_PREFERRED, zonelist: null, preferred_node: 0, nodes: null };
      const info = k.mpol_shared_policy_init();
      for (const [from, to] of wanted) k.mpol_set_shared_policy(info, { vm_pgoff: from, vm_start: 0, vm_end: (to - from) * PAGE } as Vma, policy);
      const first = checkTree(info).find(node => node.start < end && node.end > start) ?? null;
      strictEqual(k.sp_lookup(info, start, end), first);
    }));
  });
});
