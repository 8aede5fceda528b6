/**
 * set_mempolicy() of 2.6.12, and how a node mask gets from user memory into a policy. Comments that begin with a version say since
 * when a later kernel does something else, as far as its sources (2.6.18) or its behaviour (6.1) were seen.
 */
import { injectError } from '@pmkit/linker';
import { beforeEach, describe, expect, it } from 'vitest';
import { EFAULT, EINVAL, ENOMEM } from '../src/include/linux/errno.js';
import { MPOL_BIND, MPOL_DEFAULT, MPOL_INTERLEAVE, MPOL_PREFERRED } from '../src/include/linux/mempolicy.js';
import { CLONE_SIGHAND, CLONE_THREAD, CLONE_VM } from '../src/include/linux/sched.js';
import { BAD_POINTER } from '../src/include/linux/misc.js';
import { NO_RESULT, syscall } from '../src/index.js';
import { check_invariants } from '../src/testing.js';
import { bootNodes, finish, getPolicy, logOf, map, mask, nodesOf, PAGE, setPolicy, write, type Numa } from './numa.js';

let numa: Numa;
beforeEach(() => {
  numa = bootNodes();
});
const longs = (count: number, ...nodes: number[]): Uint32Array => {
  const array = new Uint32Array(2 * count);
  for (const node of nodes) array[node >> 5]! |= 1 << (node & 31);
  return array;
};
const DEFAULT = { mode: MPOL_DEFAULT, nodes: [] };

describe('a node mask in user memory', () => {
  it('has one bit less than maxnode says', () => {
    expect(setPolicy(numa, MPOL_BIND, mask(1), 2)).toBe(-EINVAL);
    expect(setPolicy(numa, MPOL_BIND, mask(1), 3)).toBe(0);
    expect(setPolicy(numa, MPOL_BIND, mask(0, 1, 2, 3), 4)).toBe(0);
    expect(getPolicy(numa)).toEqual({ mode: MPOL_BIND, nodes: [0, 1, 2] });
  });
  it('is read in whole longs; what lies above its bits does not count', () => {
    expect(setPolicy(numa, MPOL_BIND, longs(1, 1, 3, 40, 63), 3)).toBe(0);
    expect(getPolicy(numa)).toEqual({ mode: MPOL_BIND, nodes: [1] });
  });
  it('of no bits, and a null pointer, are taken for any mode as they are', () => {
    /* The mode is looked at since October 2005 (Christoph Lameter's sys_* and do_* layers): BIND and INTERLEAVE are EINVAL. */
    for (const mode of [MPOL_DEFAULT, MPOL_PREFERRED, MPOL_BIND]) {
      expect(setPolicy(numa, mode, BAD_POINTER, 1), `no bits, mode ${mode}`).toBe(0);
      expect(setPolicy(numa, mode, null), `null, mode ${mode}`).toBe(0);
    }
    expect(getPolicy(numa)).toEqual({ mode: MPOL_BIND, nodes: [] });
  });
  it('of maxnode 0 wraps around: nothing is read, and no nodes must suit the mode', () => {
    expect(setPolicy(numa, MPOL_BIND, BAD_POINTER, 0)).toBe(-EINVAL);
    expect(setPolicy(numa, MPOL_DEFAULT, BAD_POINTER, 0)).toBe(0);
    expect(setPolicy(numa, MPOL_PREFERRED, BAD_POINTER, 0)).toBe(0);
  });
  it('of the largest maxnode wraps around like 0; a little less is too much', () => {
    /* 2.6.18: EINVAL for both. */
    expect(setPolicy(numa, MPOL_PREFERRED, BAD_POINTER, -1)).toBe(0);
    expect(setPolicy(numa, MPOL_PREFERRED, BAD_POINTER, -62)).toBe(0);
    expect(setPolicy(numa, MPOL_PREFERRED, BAD_POINTER, -63)).toBe(-EINVAL);
  });
  it('may be longer than the 256 nodes of the kernel when the rest is zero', () => {
    expect(setPolicy(numa, MPOL_BIND, longs(6, 1), 6 * 64 + 1)).toBe(0);
    expect(setPolicy(numa, MPOL_BIND, longs(6, 1, 300), 6 * 64 + 1)).toBe(-EINVAL);
    expect(setPolicy(numa, MPOL_BIND, longs(6, 1, 350), 351), 'bit 350 is one too far').toBe(0);
    expect(setPolicy(numa, MPOL_BIND, longs(6, 1, 349), 351)).toBe(-EINVAL);
  });
  it('may be a page long, not more, however good the pointer', () => {
    const bits = PAGE * 8;
    expect(setPolicy(numa, MPOL_BIND, longs(bits / 64, 1), bits + 1)).toBe(0);
    expect(setPolicy(numa, MPOL_BIND, longs(bits / 64 + 1, 1), bits + 2)).toBe(-EINVAL);
    expect(setPolicy(numa, MPOL_BIND, BAD_POINTER, bits + 2)).toBe(-EINVAL);
  });
  it('that cannot be read is EFAULT, before its nodes are compared with the mode', () => {
    expect(setPolicy(numa, MPOL_DEFAULT, BAD_POINTER)).toBe(-EFAULT);
    expect(setPolicy(numa, MPOL_BIND, longs(3, 1)), 'one long is missing').toBe(-EFAULT);
    expect(setPolicy(numa, MPOL_BIND, longs(5, 1), 6 * 64 + 1), 'beyond the 256 nodes').toBe(-EFAULT);
  });
  it('is looked at from the unsupported part on: a bit there is EINVAL though the next long cannot be read', () => {
    expect(setPolicy(numa, MPOL_BIND, longs(5, 300), 6 * 64 + 1)).toBe(-EINVAL);
  });
});

describe('nodes and mode', () => {
  it.each([
    [MPOL_DEFAULT, [], 0], [MPOL_DEFAULT, [1], -EINVAL],
    [MPOL_PREFERRED, [], 0], [MPOL_PREFERRED, [1], 0], [MPOL_PREFERRED, [1, 2], 0],
    [MPOL_BIND, [], -EINVAL], [MPOL_BIND, [1, 2], 0],
    [MPOL_INTERLEAVE, [], -EINVAL], [MPOL_INTERLEAVE, [1, 2], 0],
  ])('mode %d with nodes %j is %d', (mode, nodes, result) => {
    expect(setPolicy(numa, mode, mask(...nodes))).toBe(result);
  });
  it('PREFERRED takes the first of several; none is the node of the CPU, told as all that are online', () => {
    setPolicy(numa, MPOL_PREFERRED, mask(3, 2));
    expect(getPolicy(numa)).toEqual({ mode: MPOL_PREFERRED, nodes: [2] });
    setPolicy(numa, MPOL_PREFERRED, mask());
    expect(getPolicy(numa)).toEqual({ mode: MPOL_PREFERRED, nodes: [0, 1, 2, 3] });
  });
  it('nodes that the cpuset does not have are dropped without a word', () => {
    const { k, task } = numa;
    k.cpuset_mkdir('/some');
    k.cpuset_write('/some', 'cpus', '0');
    k.cpuset_write('/some', 'mems', '1-2');
    k.cpuset_write('/some', 'tasks', `${task.pid}`);
    expect(setPolicy(numa, MPOL_BIND, mask(0, 2, 3))).toBe(0);
    expect(getPolicy(numa)).toEqual({ mode: MPOL_BIND, nodes: [2] });
    expect(setPolicy(numa, MPOL_BIND, mask(0, 3))).toBe(-EINVAL);
  });
  it('PREFERRED of nothing but forbidden nodes is success and means the node of the CPU', () => {
    /* 2.6.18: EINVAL, as for any forbidden node; since February 2008 (Lee Schermerhorn) when none is left. */
    expect(setPolicy(numa, MPOL_PREFERRED, mask(9))).toBe(0);
    expect(getPolicy(numa)).toEqual({ mode: MPOL_PREFERRED, nodes: [0, 1, 2, 3] });
  });
  it('DEFAULT with nothing but forbidden nodes is success', () => {
    expect(setPolicy(numa, MPOL_DEFAULT, mask(9, 200))).toBe(0);
  });
  it('a node that is not there is dropped with the rest: no cpuset has it', () => {
    expect(setPolicy(numa, MPOL_BIND, mask(1, 9))).toBe(0);
    expect(getPolicy(numa)).toEqual({ mode: MPOL_BIND, nodes: [1] });
    expect(setPolicy(numa, MPOL_BIND, mask(9))).toBe(-EINVAL);
  });
  it('without CONFIG_CPUSETS nothing is dropped, and a node that is not there is EINVAL', () => {
    numa = bootNodes({ config: { CONFIG_CPUSETS: false } });
    expect(setPolicy(numa, MPOL_BIND, mask(1, 9))).toBe(-EINVAL);
    expect(setPolicy(numa, MPOL_PREFERRED, mask(9))).toBe(-EINVAL);
    expect(setPolicy(numa, MPOL_BIND, mask(1))).toBe(0);
  });
  it('a change of the cpuset counts at once for a mask, though the task has allocated nothing since', () => {
    const { k, task } = numa;
    k.cpuset_mkdir('/some');
    k.cpuset_write('/some', 'cpus', '0-3');
    k.cpuset_write('/some', 'mems', '1');
    k.cpuset_write('/some', 'tasks', `${task.pid}`);
    k.cpuset_write('/some', 'mems', '2-3');
    expect(setPolicy(numa, MPOL_BIND, mask(1, 2))).toBe(0);
    expect(getPolicy(numa)).toEqual({ mode: MPOL_BIND, nodes: [2] });
  });
  it('BIND to a node without memory keeps no node, for it keeps zones', () => {
    /* 6.1: EINVAL, nodes without memory do not count. */
    numa = bootNodes({ nodes: [{ id: 0, pages: 512, cpus: [0] }, { id: 1, pages: 0, cpus: [1] }] });
    expect(setPolicy(numa, MPOL_BIND, mask(1))).toBe(0);
    expect(getPolicy(numa)).toEqual({ mode: MPOL_BIND, nodes: [] });
    expect(setPolicy(numa, MPOL_INTERLEAVE, mask(1))).toBe(0);
    expect(getPolicy(numa)).toEqual({ mode: MPOL_INTERLEAVE, nodes: [1] });
  });
});

describe('set_mempolicy()', () => {
  it('a mode above MPOL_MAX is EINVAL, before the mask is read', () => {
    for (const mode of [4, 77]) expect(setPolicy(numa, mode, BAD_POINTER)).toBe(-EINVAL);
  });
  it('a negative mode is accepted: it is an int, and only its upper end is checked', () => {
    /* EINVAL since the stable update of 11 August 2005 (Eric Dumazet): the BUG was found two months after 2.6.12. */
    expect(setPolicy(numa, -1, mask(1))).toBe(0);
    expect(getPolicy(numa)).toBe(NO_RESULT);
    expect(logOf(numa)).toContain('kernel BUG at mm/mempolicy.c:get_zonemask()!');
  });
  it('the next allocation under a negative mode is a BUG', () => {
    const address = map(numa, 1);
    setPolicy(numa, -1, null);
    expect(write(numa, address)).toBe(0);
    expect(numa.task.state).toBe('Z');
    expect(logOf(numa)).toContain('kernel BUG at mm/mempolicy.c:zonelist_policy()!');
  });
  it('a mode that is valid in its lower 16 bits becomes that one, without nodes', () => {
    expect(setPolicy(numa, -0x10000 + MPOL_BIND, mask(1))).toBe(0);
    expect(getPolicy(numa)).toEqual({ mode: MPOL_BIND, nodes: [] });
    const address = map(numa, 1);
    expect(write(numa, address)).toBe(1);
    expect(nodesOf(numa, address, 1)).toEqual([0]);
  });
  it('the mode is an int: what does not fit is cut off, for the check of the nodes too', () => {
    expect(setPolicy(numa, 2 ** 32 + MPOL_BIND, mask(9))).toBe(-EINVAL);
    expect(setPolicy(numa, 2 ** 32 + MPOL_BIND, mask(2))).toBe(0);
    expect(getPolicy(numa)).toEqual({ mode: MPOL_BIND, nodes: [2] });
  });
  it('no memory for the policy or its zones is ENOMEM, and the old policy stays', () => {
    setPolicy(numa, MPOL_PREFERRED, mask(3));
    for (const after of [0, 1]) {
      const stop = injectError(numa.k, 'kmalloc', 0, { after });
      expect(setPolicy(numa, MPOL_BIND, mask(1))).toBe(-ENOMEM);
      stop();
    }
    expect(getPolicy(numa)).toEqual({ mode: MPOL_PREFERRED, nodes: [3] });
  });
  it('a call that fails leaves the old policy', () => {
    setPolicy(numa, MPOL_BIND, mask(1));
    setPolicy(numa, MPOL_DEFAULT, mask(1));
    setPolicy(numa, MPOL_INTERLEAVE, mask());
    expect(getPolicy(numa)).toEqual({ mode: MPOL_BIND, nodes: [1] });
  });
  it('the policy it replaces is freed, and MPOL_DEFAULT is no policy', () => {
    setPolicy(numa, MPOL_BIND, mask(1));
    const old = numa.task.mempolicy;
    setPolicy(numa, MPOL_PREFERRED, mask(1));
    expect(old?.refcnt).toBe(0);
    setPolicy(numa, MPOL_DEFAULT, null);
    expect(numa.task.mempolicy).toBeNull();
    expect(getPolicy(numa)).toEqual(DEFAULT);
  });
  it('INTERLEAVE begins at its first node; other modes leave il_next alone', () => {
    setPolicy(numa, MPOL_INTERLEAVE, mask(2, 3));
    expect(numa.task.il_next).toBe(2);
    setPolicy(numa, MPOL_BIND, mask(1));
    setPolicy(numa, MPOL_DEFAULT, null);
    expect(numa.task.il_next).toBe(2);
  });
  it('INTERLEAVE of a null mask begins behind the last node', () => {
    setPolicy(numa, MPOL_INTERLEAVE, null);
    expect(numa.task.il_next).toBe(256);
  });
});

describe('whose policy it is', () => {
  it('that of the calling thread, not of its process', () => {
    setPolicy(numa, MPOL_BIND, mask(1));
    const { k, task } = numa;
    const tid = finish(numa, kernel => kernel.do_fork(CLONE_VM | CLONE_SIGHAND | CLONE_THREAD));
    const thread = { k, task: k.m.tasks.get(tid)! };
    expect(thread.task.mm).toBe(task.mm);
    expect(getPolicy(thread)).toEqual({ mode: MPOL_BIND, nodes: [1] });
    setPolicy(numa, MPOL_PREFERRED, mask(2));
    expect(getPolicy(thread)).toEqual({ mode: MPOL_BIND, nodes: [1] });
  });
  it('a child begins with a copy of its own, and where the parent is in interleaving', () => {
    const { k, task } = numa;
    setPolicy(numa, MPOL_INTERLEAVE, mask(1, 2, 3));
    task.il_next = 2;
    const child = { k, task: k.m.tasks.get(syscall(k, task, 'fork'))! };
    expect(getPolicy(child)).toEqual({ mode: MPOL_INTERLEAVE, nodes: [1, 2, 3] });
    expect(child.task.mempolicy).not.toBe(task.mempolicy);
    expect([task.mempolicy?.refcnt, child.task.mempolicy?.refcnt]).toEqual([1, 1]);
    expect(child.task.il_next).toBe(2);
  });
  it('it ends with the task', () => {
    const { k, task } = numa;
    setPolicy(numa, MPOL_BIND, mask(1));
    const policy = task.mempolicy;
    syscall(k, task, 'exit', 0);
    expect(policy?.refcnt).toBe(0);
    expect(check_invariants(k)).toEqual([]);
  });
});
