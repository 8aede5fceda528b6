/** Carries out the operations of a recording on the simulated machine. What only looks at or changes memory is here; processes, cpusets and files are in their own modules. */
import { O_RDONLY, O_RDWR } from '@pmkit/mm-core/include/asm-ia64/fcntl';
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, MAP_SHARED } from '@pmkit/mm-core/include/asm-ia64/mman';
import { advanceTime, BAD_POINTER, NO_RESULT } from '@pmkit/mm-core';
import { MAX_NUMNODES } from '@pmkit/mm-core/include/linux/nodemask';
import { errnoName } from '@pmkit/mm-core/model/errno-name';
import { formatList } from '@pmkit/mm-core/model/number-list';
import { nodeList } from '@pmkit/mm-core/model/objects';
import { areaOf, badPages, touchRange } from './accesses.js';
import { migrate } from './migrate.js';
import type { Mask, Operation } from './operation.js';
import { performOnFiles } from './perform-files.js';
import { performOnTasks } from './perform-tasks.js';
import { ofResult, performed, resultFields, type Performed, type Situation } from './performed.js';
import { flagNumber, MODES, modeNumber, numberOf } from './policy-words.js';
import { protOf } from './image.js';
import { maskOf, MASK_BITS, PAGE, type Proc, type World } from './world.js';

const ADVICE: Readonly<Record<string, number>> = {
  normal: 0, random: 1, sequential: 2, willneed: 3, dontneed: 4, free: 8, remove: 9, dontfork: 10, dofork: 11, mergeable: 12, unmergeable: 13, hugepage: 14, nohugepage: 15,
  dontdump: 16, dodump: 17, cold: 20, pageout: 21, populate_read: 22, populate_write: 23, collapse: 25,
};
const MAP_HUGETLB = 0x40000;

const userMask = (mask: Mask): Uint32Array | typeof BAD_POINTER | null => (mask === 'NULL' ? null : mask === 'BAD' ? BAD_POINTER : longMask(mask));
/** The recorded program's masks have room for any maxnode it names. */
function longMask(nodes: readonly number[]): Uint32Array {
  const mask = new Uint32Array(1025);
  mask.set(maskOf(nodes));
  return mask;
}

function getpol(world: World, op: Extract<Operation, { kind: 'getpol' }>, { step }: Situation): Performed {
  const proc = world.proc(op.actor);
  const address = op.addr === null ? 0 : areaOf(proc, op.addr).address;
  const flags = flagNumber(op.flags, 'getpol');
  const policy = { value: 0 };
  const nodes = new Uint32Array(MAX_NUMNODES / 32 * 4);
  const result = world.call(proc.task, 'get_mempolicy', policy, nodes, op.maxnode ?? MASK_BITS, address, flags);
  const fields = resultFields(result);
  if (result < 0) return performed(fields, [errnoName(result)]);
  const mode = Object.entries(MODES).find(([, value]) => value === policy.value)?.[0] ?? String(policy.value);
  // with MPOL_F_NODE it is a node, which a program that prints modes may call by the name of the mode with that number
  fields.set('mode', (flags & 1) === 0 || step.fields.get('mode') === mode ? mode : String(policy.value));
  fields.set('node', policy.value);
  fields.set('nodes', formatList(nodeList(nodes.subarray(0, MAX_NUMNODES / 32))));
  return performed(fields, [errnoName(result)]);
}

/** Pages of 4 KB of a mapping: those of huge pages are counted as the recording has them. */
function lengthOf(op: Extract<Operation, { kind: 'mmap' }>, { step }: Situation): number {
  const task = step.state?.get(op.actor);
  const recorded = task === undefined || task === 'dead' ? undefined : task.regions.get(op.region)?.pages.length;
  return isHuge(op.type) ? (recorded ?? op.pages) : op.pages;
}
const isHuge = (type: string): boolean => /huge/.test(type);

function mmap(world: World, op: Extract<Operation, { kind: 'mmap' }>, situation: Situation): Performed {
  const proc = world.proc(op.actor);
  const { task } = proc;
  const pages = lengthOf(op, situation);
  const prot = protOf(op.perm);
  const address = world.nextRegion(proc);
  const finish = (result: number, file: string | null): Performed => {
    if (result >= 0) proc.regions.set(op.region, { address, pages, file });
    return performed(resultFields(Math.min(result, 0)), [errnoName(Math.min(result, 0))]);
  };
  const flags = MAP_FIXED | (/shared/.test(op.type) ? MAP_SHARED : MAP_PRIVATE);
  // MAP_HUGETLB (2.6.32) is a bit that 2.6.12 does not look at: the memory is of ordinary pages
  if (op.type === 'anon-private' || op.type === 'anon-shared' || isHuge(op.type)) {
    return finish(world.call(task, 'mmap', address, pages * PAGE, prot, flags | MAP_ANONYMOUS | (isHuge(op.type) ? MAP_HUGETLB : 0), -1, 0), null);
  }
  if (op.type !== 'private' && op.type !== 'shared') throw new RangeError(`expected anon-private, anon-shared, private or shared, found '${op.type}'`);
  if (op.file === null) throw new RangeError(`${op.type} mapping without file=`);
  const writable = op.type === 'shared' && op.perm.includes('w');
  const fd = world.call(task, 'open', op.file, writable ? O_RDWR : O_RDONLY, 0);
  if (fd < 0) return ofResult(fd);
  const result = world.call(task, 'mmap', address, pages * PAGE, prot, flags, fd, op.offset * PAGE);
  world.must(task, 'close', fd);
  return finish(result, op.file);
}

/** Takes references to pages, as direct I/O on them would. */
function pin(world: World, proc: Proc, address: number, pages: number): Performed {
  const { k } = world;
  const found: number[] = [];
  const result = world.enter(proc.task, () => k.get_user_pages(proc.task, proc.task.mm!, address, pages, 1, 0, found as never[], null));
  proc.pinned.push(...found);
  return performed(resultFields(result < 0 ? result : result * PAGE));
}

/** Simulated time goes on; kernel threads and sleepers do what is due. */
function sleep(world: World, ms: number): void {
  const until = world.k.m.now + ms;
  while (world.k.m.now < until && advanceTime(world.k));
  world.k.m.now = Math.max(world.k.m.now, until);
}

/** Who cannot do the operation: it was killed here, or hangs in the kernel, and was not in the recording. */
function deadActor(world: World, op: Operation): string | null {
  const proc = 'actor' in op ? world.procs.get(op.actor) : op.kind === 'hog' ? world.procs.get(op.name) : undefined;
  return proc === undefined || (world.alive(proc) && proc.task.state === 'R' && !world.k.m.paths.has(proc.task)) ? null : proc.name;
}

/** @throws {RangeError} for what the scenario cannot ask: a process or a region that is not there, a word that is none. */
export function perform(world: World, op: Operation, situation: Situation): Performed {
  const dead = op.kind === 'cont' ? null : deadActor(world, op);
  if (dead !== null) return { ...performed(resultFields(NO_RESULT)), dead };
  switch (op.kind) {
    case 'mmap': return mmap(world, op, situation);
    case 'touch': {
      const proc = world.proc(op.actor);
      const { area, address, pages } = areaOf(proc, op.range);
      return touchRange(world, proc, address, pages, op.write, op.tag, area.address);
    }
    case 'check': {
      const proc = world.proc(op.actor);
      const { area, address, pages } = areaOf(proc, op.range);
      return performed(new Map([['ret', pages], ['bad_pages', badPages(world, proc, address, pages, op.tag, area.address)]]));
    }
    case 'setpol':
      return ofResult(world.call(world.proc(op.actor).task, 'set_mempolicy', modeNumber(op.mode), userMask(op.nodes), op.maxnode ?? (op.nodes === 'NULL' ? 0 : MASK_BITS)));
    case 'getpol': return getpol(world, op, situation);
    case 'mbind': {
      const proc = world.proc(op.actor);
      const { address, pages } = areaOf(proc, op.range);
      const maxnode = op.maxnode ?? (op.nodes === 'NULL' ? 0 : MASK_BITS);
      const start = address + op.byteoff;
      return ofResult(world.call(proc.task, 'mbind', start, op.bytes ?? pages * PAGE, modeNumber(op.mode), userMask(op.nodes), maxnode, flagNumber(op.flags, 'mbind')));
    }
    case 'migrate': return migrate(world, op);
    case 'movepages': return ofResult(world.call(world.proc(op.actor).task, 'move_pages'));
    case 'madvise': {
      const { address, pages } = areaOf(world.proc(op.actor), op.range);
      return ofResult(world.call(world.proc(op.actor).task, 'madvise', address, pages * PAGE, numberOf(ADVICE, op.advice, 'an advice')));
    }
    case 'mprotect': {
      const { address, pages } = areaOf(world.proc(op.actor), op.range);
      return ofResult(world.call(world.proc(op.actor).task, 'mprotect', address, pages * PAGE, protOf(op.perm)));
    }
    case 'munmap': case 'mlock': case 'munlock': {
      const { address, pages } = areaOf(world.proc(op.actor), op.range);
      return ofResult(world.call(world.proc(op.actor).task, op.kind, address, pages * PAGE));
    }
    case 'pin': {
      const { address, pages } = areaOf(world.proc(op.actor), op.range);
      return pin(world, world.proc(op.actor), address, pages);
    }
    case 'unpin': {
      const { pinned } = world.proc(op.actor);
      for (const page of pinned.splice(0)) world.k.put_page(page as never);
      return performed(new Map([['ret', 0]]));
    }
    case 'sleep':
      sleep(world, op.ms);
      return performed(new Map([['ret', 0]]));
    default: return op.kind === 'mkfile' || op.kind === 'cp' || op.kind === 'rm' || op.kind === 'read' || op.kind === 'write' || op.kind === 'sync' || op.kind === 'drop_caches' || op.kind === 'free'
      ? performOnFiles(world, op, situation) : performOnTasks(world, op, situation);
  }
}
