/**
 * What a fuzzed sequence is made of: a small machine, and commands as plain data, with generators of both.
 *
 * A command names tasks, areas, files and nodes by numbers that are taken modulo what there is when its turn comes. So every command
 * means something in every state, a sequence stays valid when fast-check takes commands out of it, and a printed counterexample
 * is a test: replay(spec, commands) of run.ts.
 */
import fc from 'fast-check';
import { TOP_LEVEL } from '../../src/levels.js';

export interface MachineSpec {
  /** Frames by node; ids are 0, 1, …, or 0, 2, 4, … with `holes`. */
  readonly nodes: readonly number[];
  readonly holes: boolean;
  readonly cpusPerNode: number;
  /** One node more that has CPUs and no memory. */
  readonly memoryless: boolean;
  /** Frames below it are ZONE_DMA; 0: all. */
  readonly maxDmaPfn: number;
  readonly configSwap: boolean;
  readonly configCpusets: boolean;
  readonly poison: boolean;
  readonly pageSize: number;
  /** Level of the series that the machine boots with. */
  readonly level: number;
  /** Slots of each swap area. */
  readonly swap: readonly number[];
  /** Blocks of a page on the ext2 and XFS disks. */
  readonly blocksPerPage: number;
  /** Tasks to begin with. */
  readonly jobs: number;
  /** Let I/O finish after every command; otherwise it goes on behind the commands. */
  readonly settle: boolean;
  /** The options of the reconstruction that change what migration leaves behind. */
  readonly recordAll: boolean;
  readonly releaseInactive: boolean;
}

/** A selector: taken modulo the number of candidates. */
type Pick = number;

/** Memory of a task: the area, where in it, how many pages; `beyond`: over the end of the area, where anything or nothing is. */
export interface Range { readonly task: Pick; readonly area: Pick; readonly at: number; readonly pages: number; readonly beyond: boolean }

export type Command =
  | { readonly op: 'mmap'; readonly task: Pick; readonly pages: number; readonly prot: number; readonly shared: boolean; readonly populate: boolean }
  | { readonly op: 'mmapFile'; readonly task: Pick; readonly file: Pick; readonly pages: number; readonly pgoff: number; readonly prot: number; readonly shared: boolean; readonly readOnly: boolean; /** Maps more of the file by the same descriptor: from this page on; 9: from where the first part ends; -1: no. */ readonly again: number }
  | ({ readonly op: 'mmapOver'; readonly prot: number } & Range)
  | ({ readonly op: 'munmap' } & Range)
  | ({ readonly op: 'mprotect'; readonly prot: number } & Range)
  | ({ readonly op: 'mlock'; readonly on: boolean } & Range)
  | { readonly op: 'mlockall'; readonly task: Pick; readonly flags: number }
  | ({ readonly op: 'touch'; readonly write: boolean } & Range)
  | ({ readonly op: 'load' } & Range)
  | { readonly op: 'hog'; readonly task: Pick; readonly percent: number; readonly shared: boolean }
  | { readonly op: 'fork'; readonly task: Pick; readonly thread: boolean }
  | { readonly op: 'exec'; readonly task: Pick; readonly program: Pick }
  | { readonly op: 'growStack'; readonly task: Pick; readonly pages: number }
  | { readonly op: 'brk'; readonly task: Pick; readonly pages: number }
  | { readonly op: 'exit'; readonly task: Pick }
  | { readonly op: 'kill'; readonly task: Pick; readonly sig: Pick }
  | { readonly op: 'reap' }
  | { readonly op: 'spawn'; readonly node: Pick; readonly uid: number }
  | { readonly op: 'write'; readonly task: Pick; readonly file: Pick; readonly at: number; readonly pages: number; readonly partial: boolean }
  | { readonly op: 'read'; readonly task: Pick; readonly file: Pick; readonly at: number; readonly pages: number }
  | { readonly op: 'truncate'; readonly task: Pick; readonly file: Pick; readonly pages: number }
  | { readonly op: 'create'; readonly task: Pick; readonly fs: Pick }
  | { readonly op: 'unlink'; readonly task: Pick; readonly file: Pick }
  | { readonly op: 'fsync'; readonly task: Pick; readonly file: Pick }
  | { readonly op: 'sync'; readonly task: Pick }
  | { readonly op: 'dropCache'; readonly file: Pick }
  | { readonly op: 'shmget'; readonly task: Pick; readonly pages: number }
  | { readonly op: 'shmat'; readonly task: Pick; readonly segment: Pick; readonly readOnly: boolean }
  | { readonly op: 'shmdt'; readonly task: Pick; readonly area: Pick }
  | { readonly op: 'shmctl'; readonly task: Pick; readonly segment: Pick; readonly cmd: Pick }
  | { readonly op: 'setMempolicy'; readonly task: Pick; readonly mode: number; readonly nodes: number }
  | ({ readonly op: 'mbind'; readonly mode: number; readonly nodes: number; readonly strict: boolean } & Range)
  | ({ readonly op: 'getMempolicy'; readonly flags: number } & Range)
  | ({ readonly op: 'mark'; readonly flag: number } & Range)
  | { readonly op: 'cpuset'; readonly name: Pick; readonly action: Pick; readonly nodes: number; readonly task: Pick }
  | { readonly op: 'affinity'; readonly task: Pick; readonly node: Pick }
  | { readonly op: 'swapon'; readonly slots: number }
  | { readonly op: 'swapoff'; readonly area: Pick }
  | ({ readonly op: 'pin' } & Range)
  | { readonly op: 'unpin'; readonly pin: Pick }
  | { readonly op: 'migrate'; readonly task: Pick; readonly self: boolean; readonly pairs: readonly (readonly [from: Pick, to: Pick])[]; readonly race: boolean }
  | { readonly op: 'migrateAmid'; readonly task: Pick; readonly pairs: readonly (readonly [from: Pick, to: Pick])[]; readonly meanwhile: readonly Meanwhile[] }
  | { readonly op: 'migrateBadly'; readonly task: Pick; readonly how: Pick }
  | { readonly op: 'evacuate'; readonly node: Pick; readonly task: Pick }
  | { readonly op: 'relink'; readonly level: Pick }
  | { readonly op: 'settle' };

/** What somebody does after so many steps of a migration that is under way. */
export interface Meanwhile { readonly steps: number; readonly command: Command }

const pick = fc.nat(63);
const pages = fc.integer({ min: 1, max: 16 });
const range = { task: pick, area: pick, at: fc.nat(12), pages, beyond: fc.constantFrom(false, false, false, false, false, false, false, true) };
/* Memory that may be written but not read is readable once a store has brought it in: what a load of it does is not decided by the vma. */
const prot = fc.constantFrom(3, 3, 3, 3, 1, 1, 0, 5, 7);
const mode = fc.nat(3);
/** A set of nodes as bits, before it is brought down to nodes that exist. */
const nodes = fc.nat(15);

const command = (op: Command['op'], fields: object): fc.Arbitrary<Command> =>
  fc.record({ op: fc.constant(op), ...fields }) as unknown as fc.Arbitrary<Command>;

const pairs = fc.array(fc.tuple(pick, pick), { minLength: 1, maxLength: 4 });

/** What a program does by itself. */
const ordinary: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<Command>])[] = [
  [10, command('touch', { ...range, write: fc.boolean() })],
  [6, command('load', range)],
  [2, command('munmap', range)],
  [2, command('mprotect', { ...range, prot })],
  [1, command('mmapOver', { ...range, prot })],
  [1, command('mlock', { ...range, on: fc.boolean() })],
  [3, command('fork', { task: pick, thread: fc.constantFrom(false, true) })],
  [1, command('exit', { task: pick })],
  [1, command('exec', { task: pick, program: pick })],
  [2, command('write', { task: pick, file: pick, at: fc.nat(6), pages: fc.integer({ min: 1, max: 3 }), partial: fc.boolean() })],
  [1, command('read', { task: pick, file: pick, at: fc.nat(6), pages: fc.integer({ min: 1, max: 3 }) })],
  [2, command('truncate', { task: pick, file: pick, pages: fc.nat(6) })],
  [1, command('fsync', { task: pick, file: pick })],
  [1, command('dropCache', { file: pick })],
  [1, command('hog', { task: pick, percent: fc.integer({ min: 10, max: 90 }), shared: fc.boolean() })],
];
const anyOf = (commands: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<Command>])[]): fc.Arbitrary<Command> =>
  fc.oneof(...commands.map(([weight, arbitrary]) => ({ weight, arbitrary })));
const meanwhile = fc.array(fc.record({ steps: fc.nat(40), command: anyOf(ordinary) }), { minLength: 1, maxLength: 4 });

const weighted: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<Command>])[] = [
  [10, command('mmap', { task: pick, pages, prot, shared: fc.boolean(), populate: fc.boolean() })],
  [8, command('mmapFile', { task: pick, file: pick, pages, pgoff: fc.nat(4), prot, shared: fc.boolean(), readOnly: fc.constantFrom(false, false, true), again: fc.constantFrom(-1, -1, -1, 0, 2, 9) })],
  [2, command('mmapOver', { ...range, prot })],
  [5, command('munmap', range)],
  [5, command('mprotect', { ...range, prot })],
  [3, command('mlock', { ...range, on: fc.boolean() })],
  [1, command('mlockall', { task: pick, flags: fc.nat(3) })],
  [26, command('touch', { ...range, write: fc.constantFrom(true, true, false) })],
  [4, command('load', range)],
  [6, command('hog', { task: pick, percent: fc.integer({ min: 30, max: 130 }), shared: fc.constantFrom(false, false, true) })],
  [8, command('fork', { task: pick, thread: fc.constantFrom(false, false, false, true) })],
  [4, command('exec', { task: pick, program: pick })],
  [2, command('growStack', { task: pick, pages: fc.integer({ min: 1, max: 6 }) })],
  [3, command('brk', { task: pick, pages: fc.integer({ min: -6, max: 10 }) })],
  [1, command('exit', { task: pick })],
  [4, command('kill', { task: pick, sig: pick })],
  [1, command('reap', {})],
  [2, command('spawn', { node: pick, uid: fc.constantFrom(0, 0, 1000) })],
  [5, command('write', { task: pick, file: pick, at: fc.nat(10), pages: fc.integer({ min: 1, max: 6 }), partial: fc.boolean() })],
  [4, command('read', { task: pick, file: pick, at: fc.nat(10), pages: fc.integer({ min: 1, max: 6 }) })],
  [2, command('truncate', { task: pick, file: pick, pages: fc.nat(12) })],
  [1, command('create', { task: pick, fs: pick })],
  [1, command('unlink', { task: pick, file: pick })],
  [2, command('fsync', { task: pick, file: pick })],
  [1, command('sync', { task: pick })],
  [2, command('dropCache', { file: pick })],
  [2, command('shmget', { task: pick, pages })],
  [4, command('shmat', { task: pick, segment: pick, readOnly: fc.constantFrom(false, false, true) })],
  [1, command('shmdt', { task: pick, area: pick })],
  [2, command('shmctl', { task: pick, segment: pick, cmd: pick })],
  [4, command('setMempolicy', { task: pick, mode, nodes })],
  [4, command('mbind', { ...range, mode, nodes, strict: fc.constantFrom(false, false, true) })],
  [1, command('getMempolicy', { ...range, flags: fc.nat(7) })],
  [3, command('mark', { ...range, flag: fc.constantFrom(4, 4, 8, 8, 16, 12) })],
  [4, command('cpuset', { name: pick, action: pick, nodes, task: pick })],
  [2, command('affinity', { task: pick, node: pick })],
  [1, command('swapon', { slots: fc.integer({ min: 2, max: 128 }) })],
  [1, command('swapoff', { area: pick })],
  [3, command('pin', range)],
  [2, command('unpin', { pin: pick })],
  [16, command('migrate', { task: pick, self: fc.constantFrom(false, false, false, true), pairs, race: fc.nat(15).map(value => value === 15) })],
  [8, command('migrateAmid', { task: pick, pairs, meanwhile })],
  [2, command('migrateBadly', { task: pick, how: pick })],
  [2, command('evacuate', { node: pick, task: pick })],
  [3, command('relink', { level: pick })],
  [3, command('settle', {})],
];

const commandArbitrary: fc.Arbitrary<Command> = anyOf(weighted);

/** 5 commands or more; fewer when fast-check shrinks. */
export const commandsArbitrary = (maxLength: number): fc.Arbitrary<Command[]> => fc.array(commandArbitrary, { minLength: 5, maxLength, size: 'max' });

/** How many times as often as each of the others. */
const TOP_LEVEL_WEIGHT = 12;
const rarelyFalse = fc.nat(11).map(value => value > 0);

/** @param level the level to boot with; default: any, the highest most often. */
export const specArbitrary = (level?: number): fc.Arbitrary<MachineSpec> =>
  fc.record({
    nodes: fc.array(fc.oneof(fc.integer({ min: 64, max: 100 }), fc.integer({ min: 64, max: 256 })), { minLength: 2, maxLength: 4 }),
    holes: fc.constantFrom(false, false, true),
    cpusPerNode: fc.constantFrom(1, 1, 2),
    memoryless: fc.constantFrom(false, false, false, false, false, true),
    maxDmaPfn: fc.constantFrom(0, 0, 0, 40, 150),
    configSwap: rarelyFalse,
    configCpusets: rarelyFalse,
    poison: fc.boolean(),
    pageSize: fc.constantFrom(4096, 4096, 4096, 16384),
    level: level === undefined
      ? fc.constantFrom(...Array.from({ length: TOP_LEVEL }, (_, i) => i), ...Array.from({ length: TOP_LEVEL_WEIGHT }, () => TOP_LEVEL))
      : fc.constant(level),
    swap: fc.constantFrom<readonly number[]>([], [8], [64], [400], [1000], [1000], [1000], [1000], [1000], [32, 800]),
    blocksPerPage: fc.constantFrom(1, 4),
    jobs: fc.integer({ min: 1, max: 4 }),
    settle: fc.boolean(),
    recordAll: fc.constantFrom(true, true, true, false),
    releaseInactive: fc.constantFrom(false, false, false, true),
  });
