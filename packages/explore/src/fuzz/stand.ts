/**
 * Where programs run: machines at a checkpoint with tasks that already have something. Three processes on two nodes have private memory, files and a System V
 * segment; one of them has a second thread and another a child, so that address spaces and copied pages are shared; `batchd` is root without memory.
 */
import { elfProgram, type ElfProgram } from '@pmkit/mm-core/model/elf';
import type { Tree } from '@pmkit/series/catalogue';
import { race, type RaceText } from '../race.js';
import { createWorld, type RaceWorld } from '../world/create.js';

/** Tasks, in the order in which calls name them; areas that have a name; the last one is the segment's id. */
const TASK_NAMES = ['batchd', 'a', 'b', 'u', 'thread', 'child'] as const;
const AREA_NAMES = ['am', 'af', 'as', 'bm', 'bf', 'bs', 'um', 'uf', 'al', 'bl'] as const;
export const TASKS = TASK_NAMES.length;
export const AREAS = AREA_NAMES.length;
export const PATHS = ['/file', '/data/file', '/bin/static', '/bin/dynamic', '/dev/shm/file', '/new', '/dev/shm/new', '/none/file'] as const;
export const DISKS = ['swap', 'sda', 'sdb'] as const;

const RW = 'PROT_READ|PROT_WRITE';
const BEFORE = [
  `a: am = mmap(0, 6P, ${RW}, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)`, 'a: store(am, 4)',
  'a: f = open("/file", O_RDWR, 0)', `a: af = mmap(0, 4P, ${RW}, MAP_SHARED, f, 0)`, 'a: store(af, 2)',
  'a: s = shmget(0, 4P, 0x3b6)', 'a: as = shmat(s, 0, 0)', 'a: store(as, 2)',
  `b: bm = mmap(0, 6P, ${RW}, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)`, 'b: store(bm, 4)',
  'b: g = open("/data/file", O_RDWR, 0)', `b: bf = mmap(0, 4P, ${RW}, MAP_PRIVATE, g, 0)`, 'b: load(bf, 2)', 'b: store(bf, 1)', 'b: bs = shmat(s, 0, 0)', 'b: load(bs, 3)',
  `u: um = mmap(0, 4P, ${RW}, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)`, 'u: store(um, 3)', 'u: h = open("/file", O_RDONLY, 0)', 'u: uf = mmap(0, 3P, PROT_READ, MAP_SHARED, h, 0)', 'u: load(uf, 3)',
  `a: al = mmap(0, 80P, ${RW}, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)`, `b: bl = mmap(0, 80P, ${RW}, MAP_SHARED|MAP_ANONYMOUS, -1, 0)`,
  'a: thread = clone(0x10f00)', 'b: child = fork()',
];

/** What a file contains is no state of the machine. */
const PROGRAMS: Readonly<Record<string, ElfProgram>> = {
  '/lib/ld.so': elfProgram({ text: 2, data: 1, e_type: 'ET_DYN' }),
  '/lib/libc.so': elfProgram({ text: 4, data: 2, bss: 1, gap: 1, e_type: 'ET_DYN' }),
  '/bin/static': elfProgram({ text: 3, data: 2, bss: 2 }),
  '/bin/dynamic': elfProgram({ text: 2, data: 2, bss: 1, interp: '/lib/ld.so', needed: ['/lib/libc.so'], relocated: 1 }),
};

const MACHINES: Readonly<Record<string, NonNullable<RaceText['machine']>>> = {
  roomy: { nodes: 3, pages: 128, cpus: 1, swap: 64 },
  tight: { nodes: 3, pages: 64, cpus: 1, swap: 24 },
  // what the tasks have already is most of it: nearly every program comes to reclaim
  full: { nodes: 3, pages: 40, cpus: 1, swap: 48 },
  'no-swap': { nodes: 3, pages: 96, cpus: 1, swap: 0 },
};
export const STANDS = Object.keys(MACHINES);

export interface Stand {
  readonly world: RaceWorld;
  /** Addresses of the areas, by number; after them the id of the segment. */
  readonly areas: readonly number[];
  readonly pids: readonly number[];
}

/** @throws {RangeError} for a stand that there is not; {LinkError} for a tree that does not build. */
export function makeStand(name: string, tree: Tree): Stand {
  const machine = MACHINES[name];
  if (machine === undefined) throw new RangeError(`stand: expected one of ${STANDS.join(', ')}, found ${name}`);
  const world = createWorld(race({
    name, machine, before: BEFORE, files: { '/file': 4, '/data/file': 4, ...Object.fromEntries(Object.entries(PROGRAMS).map(([path, { text, data }]) => [path, text + data])) }, tasks: { a: { node: 0 }, b: { node: 1 }, u: { node: 1, uid: 1000 } },
    together: Object.fromEntries(TASK_NAMES.map(task => [task, []])),
  }), tree);
  const { results } = world.stage;
  for (const [path, program] of Object.entries(PROGRAMS)) world.k.path_lookup(path)!.program = program;
  return {
    world, areas: [...AREA_NAMES, 's'].map(area => results.get(area)!),
    pids: world.actors.filter(actor => actor.kind === 'task').map(actor => actor.task.pid),
  };
}
