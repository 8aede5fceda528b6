/** Imported processes on simulated machines. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { execPath } from 'node:process';
import { VM_GROWSDOWN, VM_IO, VM_LOCKED } from '@pmkit/mm-core/include/linux/mm_types';
import { check_invariants } from '@pmkit/mm-core/testing';
import { bootAt, type AnyKernel } from '@pmkit/series/levels';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProcess, importedNumaMaps, machineFor, planImport, readProcess, type BuiltProcess, type ImportedProcess } from '../../src/import/index.js';
import { uniformTopology } from '../../src/topology/index.js';
import { imported, importError, placements, saved, SOLVER } from './helpers.js';

function built(process: ImportedProcess = imported(), level = 0): { k: AnyKernel; process: ImportedProcess; result: BuiltProcess } {
  const k = bootAt(level, machineFor(process, undefined));
  return { k, process, result: buildProcess(k, process) };
}

/** A process of a few vmas of an x86_64. */
const small = (maps: string, numaMaps: string): ImportedProcess => imported({ ...SOLVER, smaps: undefined, maps, numa_maps: numaMaps });

describe('a process of an x86_64', () => {
  it('prints the numa_maps it was made from: starts, policies, pages by node, names and copies', () => {
    const { k, result } = built();
    const text = importedNumaMaps(k, result);
    expect(result.differences).toEqual([]);
    expect(placements(text)).toEqual(placements(SOLVER['numa_maps']!));
    const essence = (lines: string): string[] => lines.trim().split('\n').map((line) => line.replace(/ (active|mapmax)=\d+/g, ''));
    expect(essence(text)).toEqual(essence(SOLVER['numa_maps']!));
    expect(check_invariants(k)).toEqual([]);
  });

  it('has its addresses in regions of ia64, in the same order, neighbours beside each other', () => {
    const { result: { starts }, process: { vmas } } = built();
    expect(starts.every((start, at) => at === 0 || start > starts[at - 1]!)).toBe(true);
    expect(starts[0]).toBe(0x2000_0000_0000_0000);
    vmas.forEach(({ end, start }, at) => {
      if (vmas[at + 1]?.start === end) expect(starts[at + 1]).toBe(starts[at]! + end - start);
    });
  });

  it('keeps neighbours apart that would merge, and a vma whose pages lie behind its protection', () => {
    const process = small('10000-14000 rw-p 0 00:00 0 \n14000-18000 rw-p 0 00:00 0 \n18000-1a000 ---p 0 00:00 0 \n1a000-1c000 r-xp 0 00:00 0 \n',
      '10000 default anon=4 N0=4 kernelpagesize_kB=4\n14000 default anon=2 N1=2 kernelpagesize_kB=4\n18000 default anon=1 N0=1 kernelpagesize_kB=4\n1a000 default anon=2 N0=1 N1=1 kernelpagesize_kB=4\n');
    const { k, result } = built(process);
    expect(result.differences).toEqual([]);
    expect(placements(importedNumaMaps(k, result))).toEqual(['00010000 default N0=4', '00014000 default N1=2', '00018000 default N0=1', '0001a000 default N0=1 N1=1']);
    // these addresses are ia64's as well
    expect(result.starts[0]).toBe(0x10000);
  });

  it('has flags, marks and credentials of the real one', () => {
    const { k, process: { vmas }, result: { task, starts } } = built();
    const flags = starts.map((start) => k.find_vma(task.mm!, start)!.vm_flags);
    expect(flags.map((flag) => (flag & VM_LOCKED) !== 0)).toEqual(vmas.map(({ locked }) => locked));
    expect(flags.map((flag) => (flag & VM_IO) !== 0)).toEqual(vmas.map(({ io }) => io));
    expect(flags.map((flag) => (flag & VM_GROWSDOWN) !== 0)).toEqual(vmas.map(({ kind }) => kind === 'stack'));
    expect([task.comm, task.uid, task.euid, task.gid, task.cap_effective]).toEqual(['solver', 1000, 1000, 100, 0]);
    expect(task.mm!.brk - task.mm!.start_brk).toBe(0x20000);
    expect(task.mm!.locked_vm).toBe(8);
  });

  it('shares pages with as many others as mapmax says', () => {
    const { k, result } = built();
    expect(result.sharers).toHaveLength(2);
    expect(importedNumaMaps(k, result)).toMatch(/^7f1000000000 .* mapmax=3 /m);
    const own = result.sharers.map(({ mm }) => [mm!.map_count, mm!.total_vm]);
    expect(own).toEqual([[2, 20], [2, 20]]);
  });

  it('that has a name twice, once of a file that is gone, maps two files', () => {
    const process = small('10000-12000 r--p 0 fe:00 5 /lib/x.so (deleted)\n14000-16000 r--p 0 fe:00 6 /lib/x.so\n',
      '10000 default file=/lib/x.so\\040(deleted) mapped=2 N0=2 kernelpagesize_kB=4\n14000 default file=/lib/x.so mapped=2 N1=2 kernelpagesize_kB=4\n');
    const { k, result } = built(process);
    expect(importedNumaMaps(k, result)).toMatch(/^00010000 default file=\/lib\/x\.so\\040\(deleted\) .*N0=2.*\n00014000 default file=\/lib\/x\.so .*N1=2/);
  });

  it('says which pages it cannot place: one page of a file cannot be on two nodes', () => {
    const process = small('10000-11000 r--s 0 fe:00 5 /a\n14000-15000 r--s 0 fe:00 5 /a\n', '10000 default file=/a mapped=1 N0=1 kernelpagesize_kB=4\n14000 default file=/a mapped=1 N1=1 kernelpagesize_kB=4\n');
    expect(built(process).result.differences).toEqual(['00014000: 0 pages on node 1 instead of 1']);
  });

  it('confined to some nodes of a larger machine gets a cpuset of them', () => {
    const process = imported();
    const k = bootAt(8, machineFor(process, uniformTopology({ nodes: 4, pagesPerNode: 4096, pageSize: 4096 })));
    const { task } = buildProcess(k, process);
    expect(task.cpuset!.name).toBe('pid-4711');
    expect(k.cpuset_read('/pid-4711', 'mems')).toBe('0-1\n');
    expect(task.cpus_allowed).toEqual([0, 1, 2, 3]);
  });
});

describe('a machine', () => {
  it.each([
    ['without a node that the process uses', uniformTopology({ nodes: 1, pagesPerNode: 4096, pageSize: 4096 }), { field: 'nodes', found: '0' }],
    ['with too little memory on a node', uniformTopology({ nodes: 2, pagesPerNode: 30, pageSize: 4096 }), { field: 'memory of node 0' }],
    ['with so little that it runs out', uniformTopology({ nodes: 2, pagesPerNode: 62, pageSize: 4096 }), { expected: 'memory for its pages' }],
  ])('%s is refused', (_, topology, fault) => {
    const process = imported();
    expect(importError(() => buildProcess(bootAt(0, machineFor(process, topology)), process))).toMatchObject(fault);
  });

  it('that is too large for the kit is refused', () => {
    const process = { ...imported(), mems: [255], vmas: [{ ...imported().vmas[2]!, end: 0x1a00000 + 4096 * 2 ** 20, nodes: [[0, 2 ** 20]] as const, anon: 2 ** 20 }] };
    expect(importError(() => machineFor(process, undefined))).toMatchObject({ field: 'memory' });
  });
});

describe.runIf(existsSync('/proc/self/numa_maps'))('a process of this computer', () => {
  // a new one of the same program as this, which may have a hundred thousand pages
  let child: ChildProcess;
  beforeAll(async () => {
    child = spawn(execPath, ['-e', 'console.log("ready"); setInterval(() => {}, 1000)'], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout!, 'data');
  });
  afterAll(() => { child.kill(); });
  it('can be imported: the simulated one has its vmas and pages', () => {
    const process = planImport(readProcess(String(child.pid)));
    const k = bootAt(10, machineFor(process, undefined));
    const result = buildProcess(k, process);
    // where there are several nodes, counts of files that are mapped twice may leave no place for a page
    if (k.m.node_ids.length === 1) expect(result.differences).toEqual([]);
    const text = importedNumaMaps(k, result);
    expect(placements(text)).toHaveLength(process.vmas.length);
    expect(check_invariants(k)).toEqual([]);
  });
  it('is read by its id, or as self', () => {
    expect(readProcess('self').directory).toBe('/proc/self');
  });
});

it('a copy with nothing but maps, numa_maps and status is enough', () => {
  expect(planImport(readProcess(saved({ ...SOLVER, smaps: undefined }))).vmas).toHaveLength(13);
});
