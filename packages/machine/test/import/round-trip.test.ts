/** What is imported is where it was: a process of the kit, printed as /proc/PID shows it and built again from that. */
import fc from 'fast-check';
import { nodemask_of } from '@pmkit/mm-core/include/linux/nodemask';
import { check_invariants } from '@pmkit/mm-core/testing';
import { spawn, syscall, touch, type MachineConfig, type Task } from '@pmkit/mm-core';
import { MachineBuffers } from '@pmkit/series/catalogue';
import { bootAt, type AnyKernel } from '@pmkit/series/levels';
import { describe, expect, it } from 'vitest';
import { buildProcess, importedNumaMaps } from '../../src/import/index.js';
import { filesOf, imported, placements } from './helpers.js';

const NODES = 4;
const READ = 1;
const WRITE = 2;
const EXEC = 4;
const SHARED = 1;
const PRIVATE = 2;
const ANONYMOUS = 0x20;
const MAXNODE = 257;

interface Touch { readonly from: number; readonly pages: number; readonly node: number; readonly write: boolean }
interface Mapping {
  readonly what: 'anonymous' | 'shared anonymous' | 'segment' | 'private file' | 'shared file' | 'tmpfs file' | 'deleted file';
  readonly file: number;
  readonly pages: number;
  readonly touches: readonly Touch[];
  readonly policy: { readonly mode: number; readonly nodes: readonly number[]; readonly from: number; readonly pages: number } | null;
  readonly protect: number | null;
}

const nodes = fc.uniqueArray(fc.nat(NODES - 1), { minLength: 1, maxLength: 3 });
const policy = fc.record({ mode: fc.constantFrom(1, 2, 3), nodes, from: fc.nat(7), pages: fc.integer({ min: 1, max: 8 }) });
const mapping: fc.Arbitrary<Mapping> = fc.record({
  what: fc.constantFrom('anonymous', 'anonymous', 'shared anonymous', 'segment', 'private file', 'private file', 'shared file', 'tmpfs file', 'deleted file'),
  file: fc.nat(2),
  pages: fc.integer({ min: 1, max: 12 }),
  touches: fc.array(fc.record({ from: fc.nat(11), pages: fc.integer({ min: 1, max: 6 }), node: fc.nat(NODES - 1), write: fc.boolean() }), { maxLength: 4 }),
  policy: fc.option(policy, { nil: null }),
  protect: fc.option(fc.constantFrom(0, READ, READ | EXEC), { nil: null }),
});
const program = fc.record({
  mappings: fc.array(mapping, { minLength: 1, maxLength: 8 }),
  heap: fc.nat(6),
  policy: fc.option(fc.record({ mode: fc.constantFrom(1, 2, 3), nodes }), { nil: null }),
  pageSize: fc.constantFrom(4096, 16384),
});

const machine = (pageSize: number): MachineConfig => ({ pageSize, nodes: Array.from({ length: NODES }, (_, id) => ({ id, pages: 1024, cpus: [id] })) });

const must = (k: AnyKernel, task: Task, call: string, ...args: unknown[]): number => {
  const result = syscall(k, task, call, ...args);
  if (result < 0) throw new Error(`${call}() returned ${result}`);
  return result;
};

/** Maps one thing; no two vmas map different parts of one file, so that a page on two nodes is never asked for. */
function map(k: AnyKernel, task: Task, { what, file, pages }: Mapping, at: number): { address: number; size: number } {
  const { PAGE_SIZE } = k.m;
  if (what === 'anonymous' || what === 'shared anonymous') {
    const flags = ANONYMOUS | (what === 'anonymous' ? PRIVATE : SHARED);
    return { address: must(k, task, 'mmap', 0, pages * PAGE_SIZE, READ | WRITE, flags, -1, 0), size: pages };
  }
  if (what === 'segment') {
    const id = must(k, task, 'shmget', 0, pages * PAGE_SIZE, 0o1666);
    return { address: must(k, task, 'shmat', id, 0, 0), size: pages };
  }
  const path = { 'tmpfs file': `/dev/shm/t${file}`, 'deleted file': `/tmp/gone${at}` }[what as string] ?? `/data files/f${file}`;
  if (k.path_lookup(path) === null) k.new_inode(k.lookup_mnt(path)!, path, 8 * PAGE_SIZE, 0o666);
  const fd = must(k, task, 'open', path, 2, 0);
  const address = must(k, task, 'mmap', 0, 8 * PAGE_SIZE, READ | WRITE, what === 'private file' || what === 'deleted file' ? PRIVATE : SHARED, fd, 0);
  must(k, task, 'close', fd);
  if (what === 'deleted file') must(k, task, 'unlink', path);
  return { address, size: 8 };
}

function run(k: AnyKernel, { mappings, heap, policy: ofTask }: typeof program extends fc.Arbitrary<infer T> ? T : never): Task {
  const { PAGE_SIZE } = k.m;
  const task = spawn(k, { comm: 'job' });
  const places = mappings.map((mapped, at) => map(k, task, mapped, at));
  mappings.forEach(({ touches }, at) => {
    const { address, size } = places[at]!;
    for (const { from, pages, node, write } of touches) {
      must(k, task, 'set_mempolicy', 2, nodemask_of(node), MAXNODE);
      if (from < size) touch(k, task, address + from * PAGE_SIZE, Math.min(pages, size - from), write ? 'write' : 'read');
    }
  });
  if (heap > 0) {
    const brk = task.mm!.start_brk = task.mm!.brk = 0x6000_0000_0100_0000;
    must(k, task, 'brk', brk + heap * PAGE_SIZE);
    touch(k, task, brk, heap, 'write');
  }
  mappings.forEach(({ policy: own, protect }, at) => {
    const { address, size } = places[at]!;
    if (own !== null && own.from < size) must(k, task, 'mbind', address + own.from * PAGE_SIZE, Math.min(own.pages, size - own.from) * PAGE_SIZE, own.mode, nodemask_of(...own.nodes), MAXNODE, 0);
    if (protect !== null) must(k, task, 'mprotect', address, size * PAGE_SIZE, protect);
  });
  if (ofTask === null) must(k, task, 'set_mempolicy', 0, null, 0);
  else must(k, task, 'set_mempolicy', ofTask.mode, nodemask_of(...ofTask.nodes), MAXNODE);
  return task;
}

describe('a process of the kit', () => {
  it('printed, imported and printed again has the same vmas, policies and pages by node', () => {
    fc.assert(fc.property(program, (job) => {
      const buffers = [new MachineBuffers(), new MachineBuffers()] as const;
      const [first, again] = buffers.map(({ allocate }) => bootAt(0, { ...machine(job.pageSize), buffer: allocate })) as [AnyKernel, AnyKernel];
      const files = filesOf(first, run(first, job));
      const process = imported(files);
      const built = buildProcess(again, process);
      expect(built.differences).toEqual([]);
      expect(placements(importedNumaMaps(again, built))).toEqual(placements(files['numa_maps']!));
      expect(check_invariants(again)).toEqual([]);
      buffers[0].release(first.m);
      buffers[1].release(again.m);
    }), { numRuns: 60 });
  });
});
