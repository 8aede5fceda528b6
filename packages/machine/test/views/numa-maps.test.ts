import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { residentPage } from '@pmkit/mm-core';
import { page_to_nid } from '@pmkit/mm-core/include/linux/mm';
import { check_invariants, stateHash } from '@pmkit/mm-core/testing';
import { PROC_FILES, PROC_PID_FILES, NODE_FILES, NODE_LISTS } from '../../src/views/index.js';
import { eachPteRun } from '../../src/views/ptes.js';
import { BIND, INTERLEAVE, linesOf, mask, MAXNODE, numaLine, PREFERRED, read, scene } from './helpers.js';

describe('numa_maps', () => {
  it('says policy, kind, state and nodes of what is mapped', () => {
    const { lab, k, job } = scene();
    const heap = lab.anonymous(job, 8);
    lab.file('/data/x', 4);
    const file = lab.mapFile(job, '/data/x', 4, 1, 2);
    expect(numaLine(k, heap)).toBe('default anon=8 dirty=8 active=0 N1=8 kernelpagesize_kB=16');
    expect(numaLine(k, file)).toBe('default file=/data/x mapped=4 active=0 N1=4 kernelpagesize_kB=16');
  });

  it('ends behind the kind when nothing is there, and does not count the zero page', () => {
    for (const access of ['none', 'read'] as const) {
      const { lab, k, job } = scene();
      expect(numaLine(k, lab.anonymous(job, 3, access))).toBe('default');
    }
  });

  it.each([
    [BIND, [0, 1, 3], 'bind:0-1,3'], [INTERLEAVE, [1, 2], 'interleave:1-2'], [PREFERRED, [2], 'prefer:2'], [PREFERRED, [], 'local'], [0, [], 'default'],
  ] as const)('spells mode %i on nodes %j as numactl writes it: %s', (mode, nodes, spelling) => {
    const { lab, k, job } = scene();
    const memory = lab.anonymous(job, 4, 'none');
    lab.must(job, 'mbind', memory.address, 4 * k.m.PAGE_SIZE, mode, mask(...nodes), MAXNODE, 0);
    expect(numaLine(k, memory)).toBe(spelling);
  });

  it("shows the task's policy where memory has none of its own, but not for shared memory", () => {
    const { lab, k, job } = scene();
    const own = lab.anonymous(job, 2, 'none');
    const shared = { task: job, address: lab.must(job, 'shmat', lab.must(job, 'shmget', 0, 2 * k.m.PAGE_SIZE, 0o1600), 0, 0), pages: 2 };
    lab.must(job, 'set_mempolicy', INTERLEAVE, mask(0, 2), MAXNODE);
    expect(numaLine(k, own)).toBe('interleave:0,2');
    expect(numaLine(k, shared)).toBe('default file=/SYSV00000000\\040(deleted)');
    lab.must(job, 'mbind', shared.address, 2 * k.m.PAGE_SIZE, BIND, mask(3), MAXNODE, 0);
    expect(numaLine(k, shared)).toBe('bind:3 file=/SYSV00000000\\040(deleted)');
  });

  it('shows how often the most shared page is mapped', () => {
    const { lab, k, job } = scene();
    const memory = lab.anonymous(job, 2);
    lab.must(job, 'fork');
    expect(numaLine(k, memory)).toMatch(/^default anon=2 dirty=2 mapmax=2 /);
  });

  it('shows before and after a migration where the pages are, and from patch 5 on the policy that followed them', () => {
    const seen = [3, 4, 5].map(level => {
      const { lab, k, job } = scene(level);
      const memory = lab.anonymous(job, 4, 'none');
      lab.must(job, 'mbind', memory.address, 4 * k.m.PAGE_SIZE, BIND, mask(1), MAXNODE, 0);
      lab.touch(memory);
      lab.stop(job);
      lab.migrate(job, [1], [2]);
      return numaLine(k, memory).replace(/ (?:anon|dirty|active|kernelpagesize_kB)=\d+/g, '');
    });
    expect(seen).toEqual(['bind:1 N1=4', 'bind:1 N2=4', 'bind:2 N2=4']);
  });

  it('is taken apart by numastat as it comes: words, N<node>=<pages>, kernelpagesize_kB=', () => {
    const { lab, k, job } = scene();
    lab.anonymous(job, 5);
    lab.must(job, 'set_mempolicy', INTERLEAVE, mask(0, 1, 2, 3), MAXNODE);
    lab.file('/data/a file = x', 3);
    lab.mapFile(job, '/data/a file = x', 3, 1, 2);
    let pages = 0;
    for (const line of linesOf(read(k, job, 'numa_maps'))) {
      expect(line).toMatch(/^[0-9a-f]{8,} (?:default|local|(?:prefer|bind|interleave):[0-9,-]+)(?: file=\S+| heap| stack)?(?: (?:anon|dirty|mapped|mapmax|swapcache|active|writeback|N\d+|kernelpagesize_kB)=\d+)*$/);
      const words = line.split(' ');
      // process_meminfo[] of numastat.c looks at the beginnings of words, and every word that begins with N must be a node
      for (const word of words.slice(1).filter(candidate => candidate.startsWith('N'))) pages += Number(/^N\d+=(\d+)$/.exec(word)![1]);
    }
    expect(pages).toBe(8);
  });
});

describe('random processes', () => {
  const part = fc.record({
    kind: fc.constantFrom('anonymous', 'shared', 'file', 'private file' as const), pages: fc.integer({ min: 1, max: 24 }), nodes: fc.subarray([0, 1, 2, 3], { minLength: 1 }),
    touched: fc.array(fc.record({ at: fc.nat({ max: 23 }), write: fc.boolean() }), { maxLength: 12 }),
  });

  it('numa_maps adds up to what the page tables hold, node by node, and reading anything changes nothing', () => {
    fc.assert(fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), parts => {
      const { lab, k, job } = scene();
      const { PAGE_SIZE } = k.m;
      parts.forEach(({ kind, pages, nodes, touched }, i) => {
        const path = `/data/f${i}`;
        if (kind.endsWith('file')) lab.file(path, pages);
        const mapping = kind === 'anonymous' ? lab.anonymous(job, pages, 'none')
          : kind === 'shared' ? { task: job, pages, address: lab.must(job, 'mmap', 0, pages * PAGE_SIZE, 3, 0x21, -1, 0) }
            : lab.mapFile(job, path, pages, 3, kind === 'file' ? 1 : 2, 'none');
        lab.must(job, 'mbind', mapping.address, pages * PAGE_SIZE, INTERLEAVE, mask(...nodes), MAXNODE, 0);
        for (const { at, write } of touched) lab.touch({ ...mapping, address: mapping.address + (at % pages) * PAGE_SIZE, pages: 1 }, write ? 'write' : 'read');
      });
      const before = stateHash(k);
      const text = read(k, job, 'numa_maps');
      const shown = new Map<number, number>();
      for (const [, node, pages] of text.matchAll(/ N(\d+)=(\d+)/g)) shown.set(Number(node), (shown.get(Number(node)) ?? 0) + Number(pages));
      const real = new Map<number, number>();
      for (let vma = job.mm!.mmap; vma !== null; vma = vma.vm_next) {
        for (let at = vma.vm_start; at < vma.vm_end; at += PAGE_SIZE) {
          const page = residentPage(k.m, job, at);
          if (page !== 0 && page !== k.m.zero_page) real.set(page_to_nid(k.m, page), (real.get(page_to_nid(k.m, page)) ?? 0) + 1);
        }
      }
      expect([...shown].sort()).toEqual([...real].sort());
      // all of them together are what the kernel counts as resident
      expect([...shown.values()].reduce((sum, pages) => sum + pages, 0)).toBe(job.mm!.rss);
      for (const view of Object.values(PROC_PID_FILES)) view.text(k, job);
      for (const view of Object.values({ ...PROC_FILES, ...NODE_LISTS })) view.text(k);
      for (const view of Object.values(NODE_FILES)) view.text(k, 1);
      expect(stateHash(k)).toBe(before);
      expect(check_invariants(k)).toEqual([]);
    }), { numRuns: 40 });
  });
});

describe('the cost of a walk', () => {
  /** Ptes looked at for the only vma of the job. */
  function visited(pages: number, touched: readonly number[]): { readonly ptes: number; readonly runs: number } {
    const { lab, k, job } = scene(9, { machine: { nodes: [{ id: 0, pages: 4096, cpus: [0] }, { id: 1, pages: 16, cpus: [1] }] } });
    const mapping = lab.anonymous(job, pages, 'none');
    for (const at of touched) lab.touch({ ...mapping, address: mapping.address + at * k.m.PAGE_SIZE, pages: 1 });
    let ptes = 0;
    let runs = 0;
    eachPteRun(k.m, job.mm!.mmap!, (first, end) => {
      ptes += end - first;
      runs++;
    });
    return { ptes, runs };
  }

  it('is a pte for every page of a mapping that is full', () => {
    expect(visited(3000, Array.from({ length: 3000 }, (_, i) => i))).toEqual({ ptes: 3000, runs: 2 });
  });
  it('is the tables that are there, not the pages of a mapping that is empty', () => {
    expect(visited(2048 * 2048 * 4, [0, 2048 * 2048, 2048 * 2048 * 3 + 7])).toEqual({ ptes: 3 * 2048, runs: 3 });
    expect(visited(2048 * 2048 * 4, [])).toEqual({ ptes: 0, runs: 0 });
  });
});
