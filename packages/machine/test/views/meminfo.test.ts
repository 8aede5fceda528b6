import { describe, expect, it } from 'vitest';
import { check_invariants } from '@pmkit/mm-core/testing';
import { NODE_FILES, NODE_LISTS, PROC_FILES } from '../../src/views/index.js';
import { fields, INTERLEAVE, kiloBytes, linesOf, mask, MAXNODE, scene, swapOut, type Scene } from './helpers.js';

/** A machine on which something of everything has happened, and whose counters are true. */
function busy(): Scene {
  const made = scene(9, { machine: { nodes: [0, 1, 2, 3].map(id => ({ id, pages: 128, cpus: [2 * id, 2 * id + 1] })) } });
  const { lab, k, job } = made;
  lab.file('/data/x', 40);
  lab.mapFile(job, '/data/x', 40, 3, 1, 'write');
  lab.must(job, 'set_mempolicy', INTERLEAVE, mask(0, 2), MAXNODE);
  lab.anonymous(job, 60);
  lab.must(job, 'set_mempolicy', 0, mask(), MAXNODE);
  lab.stop(job);
  lab.migrate(job, [0], [3]);
  swapOut(made, lab.anonymous(lab.job({ node: 2 }), 16));
  lab.anonymous(lab.job({ node: 2 }), 150);
  expect(check_invariants(k)).toEqual([]);
  return made;
}
const numbers = (text: string): Map<string, number> => new Map(linesOf(text).map(line => [line.split(' ')[0]!, Number(line.split(' ')[1])]));
const node = (k: Scene['k'], id: number, name: string): number => kiloBytes(NODE_FILES.meminfo.text(k, id), `Node ${id} ${name}`);

describe('meminfo', () => {
  it('is the sum of the nodes, but for the pages that the kernel image keeps', () => {
    const { k } = busy();
    const text = PROC_FILES.meminfo.text(k);
    for (const name of ['MemFree', 'Active', 'Inactive']) expect(k.m.node_ids.reduce((sum, id) => sum + node(k, id, name), 0)).toBe(kiloBytes(text, name));
    expect(k.m.node_ids.reduce((sum, id) => sum + node(k, id, 'MemTotal'), 0)).toBe(kiloBytes(text, 'MemTotal') + 2 * 16);
    for (const id of k.m.node_ids) expect(node(k, id, 'MemUsed')).toBe(node(k, id, 'MemTotal') - node(k, id, 'MemFree'));
  });

  it('agrees with vmstat, zoneinfo, buddyinfo and swaps', () => {
    const { k } = busy();
    const text = PROC_FILES.meminfo.text(k);
    const vmstat = numbers(PROC_FILES.vmstat.text(k));
    for (const [name, counter] of [['Dirty', 'nr_dirty'], ['Writeback', 'nr_writeback'], ['Mapped', 'nr_mapped'], ['PageTables', 'nr_page_table_pages']] as const) {
      expect(kiloBytes(text, name)).toBe(vmstat.get(counter)! * 16);
    }
    const zoneinfo = PROC_FILES.zoneinfo.text(k);
    const sum = (pattern: RegExp): number => [...zoneinfo.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);
    expect(sum(/pages free +(\d+)/g) * 16).toBe(kiloBytes(text, 'MemFree'));
    expect(sum(/ active +(\d+)/g) * 16).toBe(kiloBytes(text, 'Active'));
    expect(sum(/ inactive +(\d+)/g) * 16).toBe(kiloBytes(text, 'Inactive'));
    const blocks = linesOf(PROC_FILES.buddyinfo.text(k)).map(line => /^Node (\d+), zone +(\w+) ((?: *\d+ )+)$/.exec(line)![3]!.trim().split(/ +/).map(Number));
    expect(blocks.flat().reduce((total, count, i) => total + count * 2 ** (i % k.m.MAX_ORDER), 0) * 16).toBe(kiloBytes(text, 'MemFree'));
    const [, area] = linesOf(PROC_FILES.swaps.text(k));
    expect(area).toMatch(/^\/dev\/swap {31}partition\t4096\t\d+\t0$/);
    expect(kiloBytes(text, 'SwapTotal') - kiloBytes(text, 'SwapFree')).toBe(Number(area!.split('\t')[2]));
    expect(Number(area!.split('\t')[2])).toBeGreaterThan(0);
  });

  it('counts page cache and swap cache as the file system and the swap space have them', () => {
    const { lab, k, job } = scene();
    lab.file('/data/x', 5);
    lab.mapFile(job, '/data/x', 5, 1, 1);
    lab.touch({ task: job, pages: 2, address: lab.must(job, 'mmap', 0, 2 * 16384, 3, 0x21, -1, 0) });
    const text = PROC_FILES.meminfo.text(k);
    expect([kiloBytes(text, 'Cached'), kiloBytes(text, 'SwapCached'), kiloBytes(text, 'Committed_AS')]).toEqual([7 * 16, 0, 2 * 16]);
  });

  it('has every row of 2.6.12 in the columns of its format', () => {
    const { k } = scene();
    const lines = linesOf(PROC_FILES.meminfo.text(k));
    for (const line of lines.slice(0, 23)) expect(line).toMatch(/^[A-Za-z_]+: +\d+ kB$/);
    for (const line of lines.slice(0, 20)) expect(line).toHaveLength(14 + 8 + 3);
    expect(lines).toHaveLength(23); // no huge pages, as shmget(SHM_HUGETLB) says too
  });
});

describe('vmstat', () => {
  it('shows I/O in kilobytes', () => {
    const { lab, k, job } = scene();
    lab.file('/data/x', 3);
    lab.mapFile(job, '/data/x', 3, 1, 1);
    expect(numbers(PROC_FILES.vmstat.text(k)).get('pgpgin')).toBe(3 * 16);
  });
});

describe('the files of a node', () => {
  it('numastat: every allocation is a hit or a miss, local or not; what one node misses another has foreseen', () => {
    const { k } = busy();
    const nodes = k.m.node_ids.map(id => numbers(NODE_FILES.numastat.text(k, id)));
    const sum = (name: string): number => nodes.reduce((total, stats) => total + stats.get(name)!, 0);
    for (const stats of nodes) expect(stats.get('numa_hit')! + stats.get('numa_miss')!).toBe(stats.get('local_node')! + stats.get('other_node')!);
    expect(sum('numa_miss')).toBe(sum('numa_foreign'));
    expect(sum('numa_miss')).toBeGreaterThan(0);
    // all allocations here are of single pages
    expect(sum('numa_hit') + sum('numa_miss')).toBe(numbers(PROC_FILES.vmstat.text(k)).get('pgalloc_dma'));
    expect(nodes.map(stats => stats.get('interleave_hit')! > 0)).toEqual([true, false, true, false]);
  });

  it('distance, cpumap and cpulist are in the form of the real files', () => {
    const { k } = scene();
    expect(NODE_FILES.distance.text(k, 1)).toBe('20 10 20 20\n');
    expect(NODE_FILES.cpumap.text(k, 1)).toBe(`${'00000000,'.repeat(15)}0000000c\n`);
    expect(NODE_FILES.cpulist.text(k, 1)).toBe('2-3\n');
  });

  it('says which nodes there are, with holes and nodes that lack something', () => {
    const { k } = scene(9, { machine: { nodes: [{ id: 0, pages: 64, cpus: [0] }, { id: 2, pages: 0, cpus: [1, 2] }, { id: 3, pages: 64, cpus: [] }, { id: 4, pages: 64, cpus: [600] }] }, swap: 0 });
    const lists = Object.fromEntries(Object.entries(NODE_LISTS).map(([name, view]) => [name, view.text(k)]));
    expect(lists).toEqual({ has_cpu: '0,2,4\n', has_memory: '0,3-4\n', has_normal_memory: '0,3-4\n', online: '0,2-4\n', possible: '0,2-4\n' });
    expect(NODE_FILES.cpumap.text(k, 4)).toBe(`00000000,01000000${',00000000'.repeat(18)}\n`);
    expect(fields(NODE_FILES.meminfo.text(k, 2)).get('Node 2 MemTotal')).toBe('0 kB');
  });

  it('marks what 2.6.12 did not have', () => {
    expect([NODE_FILES.cpulist.since, NODE_LISTS.online.since, PROC_FILES.zoneinfo.since]).toEqual(['2.6.26', '2.6.24', '2.6.13']);
    expect(Object.values(NODE_FILES).filter(view => 'since' in view)).toHaveLength(1);
  });
});
