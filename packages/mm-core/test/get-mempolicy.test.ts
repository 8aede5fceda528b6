/** get_mempolicy() of 2.6.12: what it refuses, and what each combination of its flags tells. */
import { beforeEach, describe, expect, it } from 'vitest';
import { EFAULT, EINVAL } from '../src/include/linux/errno.js';
import { MPOL_BIND, MPOL_DEFAULT, MPOL_F_ADDR, MPOL_F_NODE, MPOL_INTERLEAVE, MPOL_PREFERRED } from '../src/include/linux/mempolicy.js';
import { BAD_POINTER } from '../src/include/linux/misc.js';
import { syscall } from '../src/index.js';
import { nodeList } from '../src/model/objects.js';
import { check_invariants } from '../src/testing.js';
import {
  bootNodes, getPolicy, map, MAP_ANONYMOUS, MAP_PRIVATE, mask, MAXNODE, mbind, nodesOf, PAGE, read, setPolicy, write, type Numa,
} from './numa.js';

let numa: Numa;
let address: number;
beforeEach(() => {
  numa = bootNodes();
  address = map(numa, 8);
});
const BOTH = MPOL_F_NODE | MPOL_F_ADDR;
const call = (...args: readonly unknown[]): number => syscall(numa.k, numa.task, 'get_mempolicy', ...args);
/** The value that comes back in the int, or the errno. */
function value(addr: number, flags: number): number {
  const policy = { value: -99 };
  const error = call(policy, null, 0, addr, flags);
  return error === 0 ? policy.value : error;
}

describe('get_mempolicy(): what it refuses', () => {
  it('unknown flags, whatever else is wrong', () => {
    for (const flags of [4, 8, -1, 2 ** 32]) expect(call(BAD_POINTER, BAD_POINTER, 1, 1, flags), `flags ${flags}`).toBe(-EINVAL);
  });
  it('a mask for less than the 256 nodes of the kernel; without a mask the number does not count', () => {
    expect(call(null, mask(), 255, 0, 0)).toBe(-EINVAL);
    expect(call(null, mask(), 256, 0, 0)).toBe(0);
    expect(call(null, null, 0, 0, 0)).toBe(0);
  });
  it('an address without MPOL_F_ADDR', () => {
    expect(call(null, null, 0, address, 0)).toBe(-EINVAL);
    expect(call(null, null, 0, address, MPOL_F_NODE)).toBe(-EINVAL);
  });
  it('an address that is not mapped is EFAULT; that the mask is too small is seen before', () => {
    expect(call(null, null, 0, 0, MPOL_F_ADDR)).toBe(-EFAULT);
    expect(call(null, null, 0, address + 8 * PAGE, BOTH)).toBe(-EFAULT);
    expect(call(null, mask(), 255, 0, MPOL_F_ADDR)).toBe(-EINVAL);
  });
  it('MPOL_F_NODE alone, unless the task interleaves', () => {
    expect(value(0, MPOL_F_NODE)).toBe(-EINVAL);
    setPolicy(numa, MPOL_BIND, mask(1));
    expect(value(0, MPOL_F_NODE)).toBe(-EINVAL);
    setPolicy(numa, MPOL_INTERLEAVE, mask(1));
    expect(value(0, MPOL_F_NODE)).toBe(1);
  });
  it('a place for the mode that cannot be written is EFAULT, and the mask stays as it was', () => {
    const nodes = mask(7);
    setPolicy(numa, MPOL_BIND, mask(1));
    expect(call(BAD_POINTER, nodes, MAXNODE, 0, 0)).toBe(-EFAULT);
    expect(nodeList(nodes)).toEqual([7]);
  });
  it('a mask that cannot be written is EFAULT, when the mode has been told', () => {
    const policy = { value: -99 };
    setPolicy(numa, MPOL_BIND, mask(1));
    expect(call(policy, BAD_POINTER, MAXNODE, 0, 0)).toBe(-EFAULT);
    expect(policy.value).toBe(MPOL_BIND);
    expect(call(null, new Uint32Array(7), MAXNODE, 0, 0)).toBe(-EFAULT);
  });
  it('a mask longer than a page is EINVAL, when the mode has been told', () => {
    const policy = { value: -99 };
    const bits = PAGE * 8;
    expect(call(policy, new Uint32Array(bits / 32), bits + 1, 0, 0)).toBe(0);
    policy.value = -99;
    expect(call(policy, new Uint32Array(bits / 32 + 2), bits + 2, 0, 0)).toBe(-EINVAL);
    expect(policy.value).toBe(MPOL_DEFAULT);
  });
  it('a node asked for where a page cannot be had, with the errno of the fault', () => {
    const none = map(numa, 1, MAP_PRIVATE | MAP_ANONYMOUS, 0, 0);
    expect(value(none, BOTH)).toBe(-EFAULT);
    expect(value(none, MPOL_F_ADDR)).toBe(MPOL_DEFAULT);
  });
  it('mmap_sem is free again after every one of them', () => {
    call(null, null, 0, 0, MPOL_F_ADDR);
    call(BAD_POINTER, null, 0, address, MPOL_F_ADDR);
    call(null, BAD_POINTER, MAXNODE, address, BOTH);
    call(null, null, 0, map(numa, 1, MAP_PRIVATE | MAP_ANONYMOUS, 0, 0), BOTH);
    expect(check_invariants(numa.k)).toEqual([]);
  });
});

describe('get_mempolicy(): the mask', () => {
  it('is cleared as far as the caller says, beyond the 256 nodes too', () => {
    const nodes = new Uint32Array(12).fill(0xffff_ffff);
    setPolicy(numa, MPOL_BIND, mask(1));
    expect(call(null, nodes, 5 * 64 + 1, 0, 0)).toBe(0);
    expect([...nodes]).toEqual([2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xffff_ffff, 0xffff_ffff]);
  });
  it('of the largest maxnode wraps around: success, and nothing is written', () => {
    const nodes = mask(7);
    setPolicy(numa, MPOL_BIND, mask(1));
    expect(call(null, nodes, -1, 0, 0)).toBe(0);
    expect(nodeList(nodes)).toEqual([7]);
  });
  it.each([
    ['nothing for DEFAULT', MPOL_DEFAULT, [], []],
    ['the one node of PREFERRED', MPOL_PREFERRED, [2, 3], [2]],
    ['all that are online for PREFERRED without a node', MPOL_PREFERRED, [], [0, 1, 2, 3]],
    ['the nodes of BIND', MPOL_BIND, [1, 3], [1, 3]],
    ['the nodes of INTERLEAVE', MPOL_INTERLEAVE, [0, 3], [0, 3]],
  ])('tells %s', (_, mode, nodes, told) => {
    setPolicy(numa, mode, mask(...nodes));
    expect(getPolicy(numa)).toEqual({ mode, nodes: told });
    setPolicy(numa, MPOL_DEFAULT, null);
    mbind(numa, address, 8, mode, mask(...nodes));
    expect(getPolicy(numa, address)).toEqual({ mode, nodes: told });
  });
});

describe('get_mempolicy() without MPOL_F_ADDR', () => {
  it('tells the policy of the task, whatever its memory has', () => {
    setPolicy(numa, MPOL_PREFERRED, mask(3));
    mbind(numa, address, 8, MPOL_BIND, mask(1));
    expect(getPolicy(numa)).toEqual({ mode: MPOL_PREFERRED, nodes: [3] });
  });
  it('tells with MPOL_F_NODE the node of the next interleaved page, and the nodes of the policy', () => {
    const policy = { value: -99 };
    const nodes = mask();
    setPolicy(numa, MPOL_INTERLEAVE, mask(1, 3));
    numa.task.il_next = 3;
    expect(call(policy, nodes, MAXNODE, 0, MPOL_F_NODE)).toBe(0);
    expect(policy.value).toBe(3);
    expect(nodeList(nodes)).toEqual([1, 3]);
  });
});

describe('get_mempolicy() with MPOL_F_ADDR', () => {
  it('tells the policy of the vma, and DEFAULT where it has none, whatever the task has', () => {
    setPolicy(numa, MPOL_PREFERRED, mask(3));
    mbind(numa, address + 2 * PAGE, 2, MPOL_BIND, mask(1));
    expect(getPolicy(numa, address)).toEqual({ mode: MPOL_DEFAULT, nodes: [] });
    expect(getPolicy(numa, address + 2 * PAGE)).toEqual({ mode: MPOL_BIND, nodes: [1] });
    expect(getPolicy(numa, address + 4 * PAGE)).toEqual({ mode: MPOL_DEFAULT, nodes: [] });
  });
  it('takes any byte of a page', () => {
    mbind(numa, address, 1, MPOL_BIND, mask(1));
    expect(value(address + PAGE - 512, MPOL_F_ADDR)).toBe(MPOL_BIND);
    expect(value(address + PAGE, MPOL_F_ADDR)).toBe(MPOL_DEFAULT);
  });
  it('tells with MPOL_F_NODE where the page is, not where it should be', () => {
    write(numa, address);
    mbind(numa, address, 8, MPOL_BIND, mask(1));
    write(numa, address + PAGE);
    expect(value(address, BOTH)).toBe(0);
    expect(value(address + PAGE + 4096, BOTH)).toBe(1);
  });
  it('reads a page that is not there: anonymous memory shows the zero page, and where that is', () => {
    mbind(numa, address, 8, MPOL_BIND, mask(1));
    write(numa, address);
    expect(value(address + PAGE, BOTH)).toBe(0);
    expect(nodesOf(numa, address, 3)).toEqual([1, 0, -1]);
  });
  it('does not even map it where there is no page table yet', () => {
    mbind(numa, address, 8, MPOL_BIND, mask(1));
    expect(value(address, BOTH)).toBe(0);
    expect(nodesOf(numa, address, 1)).toEqual([-1]);
  });
  it('leaves no reference to the page behind', () => {
    write(numa, address);
    read(numa, address + PAGE);
    for (let i = 0; i < 3; i++) {
      value(address, BOTH);
      value(address + PAGE, BOTH);
    }
    expect(check_invariants(numa.k)).toEqual([]);
  });
});
