/**
 * What a case is made of: a small machine, the memory of a few processes, what was done to it, and calls; all as plain data, with
 * generators.
 *
 * As in the fuzz, tasks, areas and nodes are named by numbers that are taken modulo what there is, so a case stays one when fast-check
 * takes parts out of it, and a printed counterexample is a test: replay(case) of run.ts.
 */
import fc from 'fast-check';

export interface Case {
  readonly level: number;
  readonly machine: MachineSpec;
  readonly areas: readonly AreaSpec[];
  readonly edits: readonly Edit[];
  readonly calls: readonly CallSpec[];
}

export interface MachineSpec {
  /** Nodes with memory and a CPU. */
  readonly nodes: number;
  /** Bit i: an id is left out before that of node i. */
  readonly gaps: number;
  /** One node more, online with a CPU but without memory. */
  readonly memoryless: boolean;
  /** Which distances: no node has two others at the same distance. */
  readonly distances: number;
  /** A node, by position, that is filled up before the calls; -1: none. */
  readonly full: number;
  /** Tight: one slot, or where pages may keep one, as many as there are anonymous pages. */
  readonly swap: 'unconfigured' | 'none' | 'tight' | 'plenty';
  readonly cpusets: boolean;
  readonly migrate: boolean;
}

const SOURCES = ['anonymous', 'shared anonymous', 'segment', 'ext3', 'xfs', 'tmpfs'] as const;
export type Source = (typeof SOURCES)[number];

/** A selector: taken modulo the number of candidates. */
type Pick = number;

/** A mapping of task 0 or 1, and who of its pages is touched, from which node. */
export interface AreaSpec {
  readonly task: Pick;
  readonly source: Source;
  readonly offset: number;
  readonly write: boolean;
  readonly shared: boolean;
  /** By page: 0 nothing; else the node times 4, plus 0 for a read, 1 to 3 for a write where the area is writable. */
  readonly touches: readonly number[];
}

interface Range { readonly task: Pick; readonly area: Pick; readonly from: number; readonly pages: number }
interface Place { readonly task: Pick; readonly area: Pick; readonly page: Pick }

/** In the order in which kinds of edits are carried out, whatever the order in the case. */
export type Edit =
  | { readonly op: 'fork'; readonly task: Pick }
  | ({ readonly op: 'store'; readonly node: Pick } & Range)
  | { readonly op: 'write'; readonly file: Pick; readonly page: number; readonly node: Pick }
  | ({ readonly op: 'lock' } & Range)
  | ({ readonly op: 'protect'; readonly prot: number } & Range)
  | ({ readonly op: 'bind'; readonly mode: number; readonly nodes: number } & Range)
  | { readonly op: 'policy'; readonly task: Pick; readonly mode: number; readonly nodes: number }
  | { readonly op: 'override'; readonly task: Pick; readonly area: Pick; readonly to: Pick }
  | { readonly op: 'io'; readonly task: Pick; readonly area: Pick }
  | { readonly op: 'cpuset'; readonly task: Pick; readonly nodes: number }
  | { readonly op: 'user'; readonly task: Pick; readonly ids: readonly [uid: Pick, euid: Pick, suid: Pick]; readonly capabilities: Pick }
  | { readonly op: 'exit'; readonly task: Pick }
  | { readonly op: 'writeback'; readonly file: Pick }
  | ({ readonly op: 'read under way' } & Place)
  | ({ readonly op: 'pin' } & Place)
  | ({ readonly op: 'vmscan' } & Place);

/** Something about the arguments that is not as it should be. */
export type Odd =
  | { readonly what: 'count'; readonly to: number }
  | { readonly what: 'pointer'; readonly of: 'old' | 'new' | 'both'; readonly to: 'null' | 'bad' | 'short' }
  | { readonly what: 'value'; readonly of: 'old' | 'new'; readonly at: Pick; readonly to: number }
  | { readonly what: 'overlap' }
  | { readonly what: 'all pairs'; readonly count: number }
  | { readonly what: 'no memory'; readonly at: number };

export interface CallSpec {
  readonly caller: 'root' | 'user' | 'target';
  /** A task; from 48 on somebody who has no memory, or nobody. */
  readonly target: number;
  /** Bit i: node i is one to go to, else one to leave. */
  readonly split: number;
  /** Which of the nodes to leave goes to which of those to go to; empty: all leave, in turn. */
  readonly pairs: readonly (readonly [from: Pick, to: Pick])[];
  readonly odd: readonly Odd[];
}

const pick = fc.nat(63);
const bits = fc.nat(63);
const range = { task: pick, area: pick, from: fc.nat(4), pages: fc.integer({ min: 1, max: 5 }) };
const place = { task: pick, area: pick, page: pick };

const machine: fc.Arbitrary<MachineSpec> = fc.record({
  nodes: fc.integer({ min: 2, max: 5 }),
  gaps: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: bits }),
  memoryless: fc.nat(5).map(value => value === 0),
  distances: fc.nat(14),
  full: fc.nat(39).map(value => (value < 5 ? value : -1)),
  swap: fc.nat(31).map(value => (value === 0 ? 'unconfigured' : value < 4 ? 'none' : value < 8 ? 'tight' : 'plenty')),
  cpusets: fc.nat(7).map(value => value > 0),
  migrate: fc.nat(63).map(value => value > 0),
});

const area: fc.Arbitrary<AreaSpec> = fc.record({
  task: fc.constantFrom(0, 0, 0, 1),
  source: fc.constantFrom<Source>('anonymous', 'anonymous', 'anonymous', ...SOURCES),
  offset: fc.nat(3),
  write: fc.constantFrom(true, true, true, false),
  shared: fc.boolean(),
  touches: fc.array(fc.nat(63).map(value => (value < 12 ? 0 : value)), { minLength: 1, maxLength: 5 }),
});

const edit = (op: Edit['op'], fields: object): fc.Arbitrary<Edit> => fc.record({ op: fc.constant(op), ...fields }) as unknown as fc.Arbitrary<Edit>;
const edits: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<Edit>])[] = [
  [4, edit('fork', { task: pick })],
  [5, edit('store', { ...range, node: pick })],
  [2, edit('write', { file: pick, page: fc.nat(6), node: pick })],
  [2, edit('lock', range)],
  [4, edit('protect', { ...range, prot: fc.constantFrom(0, 1, 1, 3, 5) })],
  [6, edit('bind', { ...range, mode: fc.nat(3), nodes: bits })],
  [4, edit('policy', { task: pick, mode: fc.nat(3), nodes: bits })],
  [4, edit('override', { task: pick, area: pick, to: pick })],
  [1, edit('io', { task: pick, area: pick })],
  [5, edit('cpuset', { task: pick, nodes: bits })],
  [5, edit('user', { task: pick, ids: fc.tuple(pick, pick, pick), capabilities: pick })],
  [1, edit('exit', { task: pick })],
  [1, edit('writeback', { file: pick })],
  [1, edit('read under way', place)],
  [4, edit('pin', place)],
  [1, edit('vmscan', place)],
];

const odd: fc.Arbitrary<Odd> = fc.oneof(
  fc.record({ what: fc.constant('count' as const), to: fc.constantFrom(0, -1, 257, 256, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 1, 3) }),
  fc.record({
    what: fc.constant('pointer' as const), of: fc.constantFrom<'old' | 'new' | 'both'>('old', 'new', 'both'), to: fc.constantFrom<'null' | 'bad' | 'short'>('null', 'bad', 'short'),
  }),
  fc.record({
    what: fc.constant('value' as const), of: fc.constantFrom<'old' | 'new'>('old', 'new'), at: pick, to: fc.constantFrom(255, 256, 2 ** 31, 2 ** 32 - 1, 0, 1, 2, 3, 4, 5, 6, 200),
  }),
  fc.constant({ what: 'overlap' as const }),
  fc.record({ what: fc.constant('all pairs' as const), count: fc.constantFrom(256, 256, 257) }),
  fc.record({ what: fc.constant('no memory' as const), at: fc.integer({ min: -3, max: 3 }) }),
);

const call: fc.Arbitrary<CallSpec> = fc.record({
  caller: fc.constantFrom<CallSpec['caller']>('root', 'root', 'user', 'target'),
  target: fc.nat(63).map(value => (value < 60 ? value % 48 : value - 12)),
  split: bits,
  pairs: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(fc.tuple(pick, pick), { minLength: 1, maxLength: 4 }) }),
  odd: fc.oneof({ weight: 7, arbitrary: fc.constant([]) }, { weight: 2, arbitrary: fc.array(odd, { minLength: 1, maxLength: 2 }) }),
});

/** Levels before the call exists show little, and patch 10 changes nothing about it; each of the others has something of its own. */
const LEVELS = [0, 1, 2, 3, 10, 10, ...[4, 5, 6, 7, 8, 9, 9].flatMap(level => [level, level, level, level, level])];

/** @param level the level of the machine; default: any of them, 4 to 9 most often. */
export const caseArbitrary = (level?: number): fc.Arbitrary<Case> =>
  fc.record({
    level: level === undefined ? fc.constantFrom(...LEVELS) : fc.constant(level),
    machine,
    areas: fc.array(area, { minLength: 1, maxLength: 5, size: 'max' }),
    edits: fc.array(fc.oneof(...edits.map(([weight, arbitrary]) => ({ weight, arbitrary }))), { maxLength: 7, size: 'max' }),
    calls: fc.array(call, { minLength: 1, maxLength: 2, size: 'max' }),
  });
