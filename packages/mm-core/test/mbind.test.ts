/**
 * mbind() of 2.6.12. Comments that begin with a version say since when a later kernel does something else, as far as its sources
 * (2.6.18) or its behaviour (6.1) were seen.
 */
import { injectError } from '@pmkit/linker';
import { describe, expect, it } from 'vitest';
import { EFAULT, EINVAL, EIO, ENOMEM } from '../src/include/linux/errno.js';
import { MPOL_BIND, MPOL_DEFAULT, MPOL_INTERLEAVE, MPOL_MF_STRICT, MPOL_PREFERRED, type Mempolicy } from '../src/include/linux/mempolicy.js';
import { BAD_POINTER } from '../src/include/linux/misc.js';
import { syscall } from '../src/index.js';
import { mpol_equal } from '../src/mm/mempolicy.js';
import { check_invariants } from '../src/testing.js';
import {
  bootNodes, getPolicy, layout, map, mask, MAXNODE, mbind, nodesOf, PAGE, read, unmap, vmasOf, write, type Numa,
} from './numa.js';

const BASE = 0x2000_0000_0000_0000;

/** A machine whose task has `pages` pages at BASE and one more far above, so that a range never ends at the last vma by chance. */
function withMemory(pages: number, top = true): Numa {
  const numa = bootNodes();
  map(numa, pages, undefined, BASE);
  if (top) map(numa, 1, undefined, BASE + 1000 * PAGE);
  return numa;
}
const raw = ({ k, task }: Numa, ...args: readonly unknown[]): number => syscall(k, task, 'mbind', ...args);

describe('mbind(): the arguments, in the order in which they are looked at', () => {
  it('a flag but MPOL_MF_STRICT is EINVAL: there is nothing yet that moves pages', () => {
    const numa = withMemory(4);
    /* 2.6.16: MPOL_MF_MOVE (2) and, for root, MPOL_MF_MOVE_ALL (4). */
    for (const flags of [2, 4, 8, 16, 3]) expect(raw(numa, BASE, PAGE, MPOL_BIND, mask(1), MAXNODE, flags), `flags ${flags}`).toBe(-EINVAL);
  });
  it('the mode is an unsigned long: above MPOL_MAX and "negative" are EINVAL', () => {
    const numa = withMemory(4);
    for (const mode of [4, 77, -1, 2 ** 32 + MPOL_BIND]) expect(raw(numa, BASE, PAGE, mode, mask(1), MAXNODE, 0), `mode ${mode}`).toBe(-EINVAL);
  });
  it('the flags are an unsigned int: what does not fit is cut off', () => {
    expect(raw(withMemory(4), BASE, PAGE, MPOL_BIND, mask(1), MAXNODE, 2 ** 32)).toBe(0);
  });
  it('a start inside a page is EINVAL, before the mask is read', () => {
    expect(raw(withMemory(4), BASE + 4096, PAGE, MPOL_BIND, BAD_POINTER, MAXNODE, 0)).toBe(-EINVAL);
  });
  it('a range that wraps around is EINVAL, before the mask is read', () => {
    expect(raw(withMemory(4), BASE, -PAGE, MPOL_BIND, BAD_POINTER, MAXNODE, 0)).toBe(-EINVAL);
  });
  it('no length, and the largest one, which rounds up to none, are success without a look at the mask', () => {
    const numa = withMemory(4);
    expect(raw(numa, BASE, 0, MPOL_BIND, BAD_POINTER, MAXNODE, 0)).toBe(0);
    expect(raw(numa, BASE, -1, MPOL_BIND, BAD_POINTER, MAXNODE, 0)).toBe(0);
  });
  it('a bad pointer is EFAULT before nodes that do not suit the mode are EINVAL', () => {
    const numa = withMemory(4);
    expect(mbind(numa, BASE, 1, MPOL_DEFAULT, BAD_POINTER)).toBe(-EFAULT);
    expect(mbind(numa, BASE, 1, MPOL_DEFAULT, mask(1))).toBe(-EINVAL);
    expect(mbind(numa, BASE, 1, MPOL_BIND, mask())).toBe(-EINVAL);
    expect(mbind(numa, BASE, 1, MPOL_INTERLEAVE, mask())).toBe(-EINVAL);
  });
  it('nodes that do not suit are EINVAL before no memory is ENOMEM, and that before a hole is EFAULT', () => {
    for (const after of [0, 1]) {
      const numa = withMemory(4);
      const stop = injectError(numa.k, 'kmalloc', 0, { after });
      expect(mbind(numa, BASE + 2000 * PAGE, 1, MPOL_BIND, mask())).toBe(-EINVAL);
      expect(mbind(numa, BASE + 2000 * PAGE, 1, MPOL_BIND, mask(1)), `allocation ${after} fails`).toBe(-ENOMEM);
      stop();
      expect(mbind(numa, BASE + 2000 * PAGE, 1, MPOL_BIND, mask(1))).toBe(-EFAULT);
    }
  });
  it('mmap_sem is free again after every one of them', () => {
    const numa = withMemory(4);
    write(numa, BASE, 4);
    mbind(numa, BASE + 2000 * PAGE, 1, MPOL_BIND, mask(1));
    mbind(numa, BASE, 1, MPOL_BIND, mask(1), MPOL_MF_STRICT);
    mbind(numa, BASE, 1, MPOL_BIND, mask(1));
    expect(check_invariants(numa.k)).toEqual([]);
  });
});

describe('mbind(): holes in the range', () => {
  it('nothing mapped from the start on is EFAULT', () => {
    expect(mbind(withMemory(4), BASE + 2000 * PAGE, 4, MPOL_BIND, mask(1))).toBe(-EFAULT);
  });
  it('a hole between two vmas is EFAULT, and neither gets the policy', () => {
    const numa = withMemory(8);
    unmap(numa, BASE + 2 * PAGE, 2);
    expect(mbind(numa, BASE, 8, MPOL_BIND, mask(1))).toBe(-EFAULT);
    expect(layout(numa, BASE)).toEqual(['0+2:-', '4+4:-', '1000+1:-']);
  });
  it('a range that reaches beyond the last vma is EFAULT', () => {
    expect(mbind(withMemory(4, false), BASE, 5, MPOL_BIND, mask(1))).toBe(-EFAULT);
  });
  it('a hole at the beginning goes unnoticed: the mapped rest gets the policy', () => {
    /* 6.1: EFAULT. */
    const numa = withMemory(4);
    expect(mbind(numa, BASE - 2 * PAGE, 4, MPOL_BIND, mask(1))).toBe(0);
    expect(layout(numa, BASE)).toEqual(['0+2:2', '2+2:-', '1000+1:-']);
  });
  it('a hole at the end goes unnoticed when something is mapped above', () => {
    /* 6.1: EFAULT. */
    const numa = withMemory(4);
    expect(mbind(numa, BASE, 8, MPOL_BIND, mask(1))).toBe(0);
    expect(layout(numa, BASE)).toEqual(['0+4:2', '1000+1:-']);
  });
  it('a range altogether in a hole is success without effect when something is mapped above', () => {
    /* 6.1: EFAULT. */
    const numa = withMemory(4);
    expect(mbind(numa, BASE + 4 * PAGE, 8, MPOL_BIND, mask(1))).toBe(0);
    expect(layout(numa, BASE)).toEqual(['0+4:-', '1000+1:-']);
  });
  it('taking a policy away is refused over a hole like setting one', () => {
    /* 2.6.18: MPOL_DEFAULT may go over holes. */
    const numa = withMemory(8);
    unmap(numa, BASE + 2 * PAGE, 2);
    expect(mbind(numa, BASE, 8, MPOL_DEFAULT, null)).toBe(-EFAULT);
  });
});

describe('mbind(): the vmas of the range', () => {
  it('a part in the middle becomes a vma of its own', () => {
    const numa = withMemory(8);
    expect(mbind(numa, BASE + 2 * PAGE, 3, MPOL_BIND, mask(1))).toBe(0);
    expect(layout(numa, BASE)).toEqual(['0+2:-', '2+3:2', '5+3:-', '1000+1:-']);
    expect(check_invariants(numa.k)).toEqual([]);
  });
  it('a whole vma is not split', () => {
    const numa = withMemory(8);
    mbind(numa, BASE, 8, MPOL_BIND, mask(1));
    expect(layout(numa, BASE)).toEqual(['0+8:2', '1000+1:-']);
  });
  it('the length is rounded up to whole pages', () => {
    const numa = withMemory(8);
    expect(raw(numa, BASE, PAGE + 1, MPOL_BIND, mask(1), MAXNODE, 0)).toBe(0);
    expect(layout(numa, BASE)).toEqual(['0+2:2', '2+6:-', '1000+1:-']);
  });
  it('the first and the last vma of a range are split, those between are not', () => {
    const numa = withMemory(12);
    mbind(numa, BASE + 4 * PAGE, 4, MPOL_PREFERRED, mask(2));
    expect(mbind(numa, BASE + 2 * PAGE, 8, MPOL_BIND, mask(1))).toBe(0);
    expect(layout(numa, BASE)).toEqual(['0+2:-', '2+2:2', '4+4:2', '8+2:2', '10+2:-', '1000+1:-']);
  });
  it('neighbours that agree again stay apart', () => {
    /* 6.1: they are merged. */
    const numa = withMemory(4);
    mbind(numa, BASE, 2, MPOL_BIND, mask(1));
    mbind(numa, BASE + 2 * PAGE, 2, MPOL_BIND, mask(1));
    expect(layout(numa, BASE)).toEqual(['0+2:2', '2+2:2', '1000+1:-']);
    mbind(numa, BASE, 4, MPOL_DEFAULT, null);
    expect(layout(numa, BASE)).toEqual(['0+2:-', '2+2:-', '1000+1:-']);
  });
  it('a mapping made next to memory with a policy is not merged with it', () => {
    const numa = withMemory(4);
    mbind(numa, BASE, 4, MPOL_BIND, mask(1));
    map(numa, 4, undefined, BASE + 4 * PAGE);
    map(numa, 4, undefined, BASE + 8 * PAGE);
    expect(layout(numa, BASE)).toEqual(['0+4:2', '4+8:-', '1000+1:-']);
  });
  it('all vmas of a range have the same policy, and it goes with the last of them', () => {
    const numa = withMemory(8);
    mbind(numa, BASE + 2 * PAGE, 2, MPOL_PREFERRED, mask(3));
    mbind(numa, BASE, 8, MPOL_BIND, mask(1));
    const policies = new Set(vmasOf(numa).slice(0, 3).map(vma => vma.vm_policy));
    expect(policies.size).toBe(1);
    const [policy] = policies as Set<Mempolicy>;
    expect(policy?.refcnt).toBe(3);
    unmap(numa, BASE, 4);
    expect(policy?.refcnt).toBe(1);
    mbind(numa, BASE + 4 * PAGE, 4, MPOL_DEFAULT, null);
    expect(policy?.refcnt).toBe(0);
  });
  it('the halves of a vma that is split have a copy of its policy each', () => {
    const numa = withMemory(8);
    mbind(numa, BASE, 8, MPOL_INTERLEAVE, mask(1, 3));
    unmap(numa, BASE + 3 * PAGE, 2);
    const [low, high] = vmasOf(numa).map(vma => vma.vm_policy);
    expect(low).not.toBe(high);
    expect([low?.refcnt, high?.refcnt]).toEqual([1, 1]);
    expect(mpol_equal.call(numa.k, low!, high!)).toBe(true);
  });
  it('with no room for one more vma it is ENOMEM; those before the split have the new policy', () => {
    const numa = withMemory(8);
    mbind(numa, BASE, 4, MPOL_PREFERRED, mask(2));
    const mm = numa.task.mm!;
    const { map_count } = mm;
    mm.map_count = 65536;
    expect(mbind(numa, BASE, 6, MPOL_BIND, mask(1))).toBe(-ENOMEM);
    mm.map_count = map_count;
    expect(layout(numa, BASE)).toEqual(['0+4:2', '4+4:-', '1000+1:-']);
    expect(check_invariants(numa.k)).toEqual([]);
  });
  it('pages that are there stay where they are', () => {
    const numa = withMemory(4);
    write(numa, BASE, 2);
    mbind(numa, BASE, 4, MPOL_BIND, mask(1));
    write(numa, BASE, 4);
    expect(nodesOf(numa, BASE, 4)).toEqual([0, 0, 1, 1]);
  });
});

describe('mbind() with MPOL_MF_STRICT', () => {
  it('a page on a node outside the mask is EIO, and the policy is not set', () => {
    const numa = withMemory(4);
    write(numa, BASE + 3 * PAGE);
    expect(mbind(numa, BASE, 4, MPOL_BIND, mask(1), MPOL_MF_STRICT)).toBe(-EIO);
    expect(getPolicy(numa, BASE)).toEqual({ mode: MPOL_DEFAULT, nodes: [] });
  });
  it('pages on nodes of the mask, and pages not there, are fine', () => {
    const numa = withMemory(4);
    write(numa, BASE, 2);
    expect(mbind(numa, BASE, 4, MPOL_BIND, mask(0, 1), MPOL_MF_STRICT)).toBe(0);
    expect(getPolicy(numa, BASE)).toEqual({ mode: MPOL_BIND, nodes: [0, 1] });
  });
  it('a page of the vma outside the range counts: the whole vma is verified', () => {
    /* 2.6.18: only the range is. */
    const numa = withMemory(8);
    write(numa, BASE);
    expect(mbind(numa, BASE + 4 * PAGE, 2, MPOL_BIND, mask(1), MPOL_MF_STRICT)).toBe(-EIO);
  });
  it('a page of a vma outside the range does not', () => {
    const numa = withMemory(8);
    mbind(numa, BASE + 4 * PAGE, 4, MPOL_PREFERRED, mask(2));
    write(numa, BASE);
    expect(mbind(numa, BASE + 4 * PAGE, 2, MPOL_BIND, mask(1), MPOL_MF_STRICT)).toBe(0);
  });
  it('the zero page counts by where it is', () => {
    /* 2.6.18: reserved pages are passed over. */
    const numa = withMemory(4);
    read(numa, BASE);
    expect(mbind(numa, BASE, 4, MPOL_BIND, mask(1), MPOL_MF_STRICT)).toBe(-EIO);
    expect(mbind(numa, BASE, 4, MPOL_BIND, mask(0), MPOL_MF_STRICT)).toBe(0);
  });
  it('PREFERRED of no node verifies against no node', () => {
    const numa = withMemory(4);
    expect(mbind(numa, BASE, 4, MPOL_PREFERRED, null, MPOL_MF_STRICT)).toBe(0);
    write(numa, BASE);
    expect(mbind(numa, BASE, 4, MPOL_PREFERRED, null, MPOL_MF_STRICT)).toBe(-EIO);
  });
  it('taking the policy away verifies nothing', () => {
    const numa = withMemory(4);
    write(numa, BASE, 4);
    expect(mbind(numa, BASE, 4, MPOL_DEFAULT, null, MPOL_MF_STRICT)).toBe(0);
  });
  it('the vmas are looked at one after the other: a page in the wrong place before a hole is EIO', () => {
    const numa = withMemory(8);
    unmap(numa, BASE + 2 * PAGE, 2);
    write(numa, BASE);
    expect(mbind(numa, BASE, 8, MPOL_BIND, mask(1), MPOL_MF_STRICT)).toBe(-EIO);
  });
  it('that the last vma is too short is seen before its pages are', () => {
    const numa = withMemory(4, false);
    write(numa, BASE);
    expect(mbind(numa, BASE, 8, MPOL_BIND, mask(1), MPOL_MF_STRICT)).toBe(-EFAULT);
  });
  it.each([
    ['an empty middle table', 512],
    ['an empty entry of the top table', 512 * 512],
  ])('finds a page behind %s', (_, distance) => {
    /*
     * The generic code of 2.6.12 stops at an empty top-level entry, its test for skipping being the wrong way round. ia64 folds
     * the topmost of the four generic levels away, so that test is never true there and the search goes on.
     */
    const numa = bootNodes({ pageSize: 4096 });
    const start = map(numa, 3 * distance);
    write(numa, start + 2 * distance * 4096);
    expect(mbind(numa, start, 1, MPOL_BIND, mask(1), MPOL_MF_STRICT)).toBe(-EIO);
    expect(mbind(numa, start, 1, MPOL_BIND, mask(0), MPOL_MF_STRICT)).toBe(0);
  });
});
