/**
 * What the page and the worker say to each other. The page sends a `Request`, the worker answers it with one `Answer` of the same `id`, and between that tells of
 * things in `Notice`s. Types and constants only: the page may import this file without loading the kernel.
 *
 * There are two machines at most, side by side: `a`, which is always the one that is looked at alone, and `b`. Frames are named by pfn, pages of a process by address in
 * bytes, nodes by id, levels of the series by `TreeName`.
 */

/** Which of the two machines. */
export type Side = 'a' | 'b';

/** `4`, or `4+hotplug`: a level of the series 0…10, with the hotplug patches N1.0 and N1.1 or without. */
export type TreeName = string;

/* ---- what is run ---- */

/** Which machine: a preset of the kit (`altix64`, `altix8`, `altix2`, `pmkit`: 16 nodes of 128 MB), the script's own, or so many nodes of so many frames. */
export type MachineChoice =
  | { readonly kind: 'preset'; readonly name: string }
  | { readonly kind: 'own' }
  | { readonly kind: 'uniform'; readonly nodes: number; readonly pagesPerNode: number };

/**
 * What runs on the machine. `behaviour`: an entry of the catalogue, by id, on the machine it asks for. `scenario`: a scenario file (docs/scenarios.md). `console`: lines for bash,
 * as if somebody typed them; what is typed in the page is added to them.
 */
export type Script =
  | { readonly kind: 'behaviour'; readonly id: string }
  | { readonly kind: 'scenario'; readonly text: string; readonly name?: string }
  | { readonly kind: 'console'; readonly lines: readonly string[]; readonly name?: string };

/** A patch that was pushed or popped under the running machine: the level it has gone to after `step` steps. */
export interface LiveMove { readonly step: number; readonly level: number }

/** All that a run depends on: two runs of equal ones are equal in every bit. */
export interface RunSetup {
  readonly machine: MachineChoice;
  readonly tree: TreeName;
  readonly script: Script;
  readonly moves?: readonly LiveMove[];
  /** Slots of the swap area; default: as the script or the kit has it. */
  readonly swap?: number;
}

/**
 * A point of a run: so many steps are done, and of the next one so many events. A step is a system call, an access to memory or another thing that a scenario does; an event is
 * what a trace point reports: a kernel function of TRACE_POINTS was entered or left.
 */
export interface Position { readonly step: number; readonly event: number }

/** By what one steps: a trace point; a step; a page that has come to be somewhere, or is nowhere any more (PAGE_EVENTS). */
export type StepUnit = 'event' | 'call' | 'page';

/** Where a machine is now. */
export interface Standing {
  readonly side: Side;
  readonly position: Position;
  /** There is nothing more to do. A console that waits for a line is not at its end. */
  readonly done: boolean;
  /** The console waits for a line; null where there is no console. */
  readonly prompt: string | null;
  readonly tree: TreeName;
  /** Simulated ms since boot. */
  readonly now: number;
  /** The last step that was done, and the event at which the machine stands within the next one. */
  readonly last: StepRecord | null;
  readonly at: TraceRecord | null;
  /** Increases with every change of the machine: what was asked for under another number is out of date. */
  readonly generation: number;
}

/** A step that was done. */
export interface StepRecord {
  /** From 1 on: after it the position is { step: number, event: 0 }. */
  readonly number: number;
  /** `job[7]` */
  readonly who: string;
  readonly pid: number;
  /** `migrate_pages(7, 1, {1}, {2})` */
  readonly call: string;
  /** A number, or an errno by name. */
  readonly result: string;
  /** What it wrote to the kernel log. */
  readonly log: readonly string[];
  /** Simulated ms at its end. */
  readonly now: number;
}

/** What a trace point reported. */
export interface TraceRecord {
  /** From 1 on within its step. */
  readonly number: number;
  readonly kind: 'enter' | 'leave';
  readonly depth: number;
  readonly name: string;
  /** Kernel file, and the patch whose text it is: `base` for the tree below the series. */
  readonly file: string;
  readonly patch: string;
  readonly pid: number;
  readonly who: string;
  /** Arguments, or the result; `…` for what is no number. */
  readonly text: string;
  readonly now: number;
}

/* ---- the machine ---- */

export interface NodeLayout {
  readonly id: number;
  readonly cpus: readonly number[];
  /** First frame, and how many there are. */
  readonly firstPfn: number;
  readonly frames: number;
}
export interface MachineLayout {
  readonly name: string;
  /** Bytes. */
  readonly pageSize: number;
  readonly frames: number;
  /** By id ascending. */
  readonly nodes: readonly NodeLayout[];
  /** SLIT distances by position in `nodes`, 10 is local. */
  readonly distances: readonly (readonly number[])[];
}

/** What frames are coloured by. */
export type Dimension = 'kind' | 'state' | 'owner' | 'origin';
export const DIMENSIONS: readonly Dimension[] = ['kind', 'state', 'owner', 'origin'];

/** Class 0 of every dimension is a free frame, class 1 one that the kernel keeps to itself (reserved), so that the picture of an idle machine is the same in all. */
export const CLASS_FREE = 0;
export const CLASS_RESERVED = 1;
/** By class number. */
export const KINDS = ['free', 'reserved', 'anonymous', 'text', 'data file', 'library', 'shared memory', 'swap cache', 'page cache', 'metadata', 'captured'] as const;
/** By class number. `off LRU`: in use and on no list: it was taken off, or never belongs on one. */
export const STATES = ['free', 'reserved', 'inactive', 'active', 'waiting for LRU', 'off LRU', 'dirty', 'writeback', 'locked', 'captured'] as const;

/** What the class numbers of a dimension mean now: of `owner` the processes change, of `origin` the nodes are the machine's. */
export interface Legend {
  readonly dimension: Dimension;
  /** By class number. `pid` for owners that are processes, `node` for origins. */
  readonly classes: readonly { readonly name: string; readonly pid?: number; readonly node?: number; /** Frames of the whole machine. */ readonly frames: number }[];
}

/**
 * Cells of one node. Cell i stands for 2^level frames, the last one for what is left; a cell has the class of most of its frames (of those in use, if any are: see `used`), counted over all
 * of them.
 */
export interface FrameMap {
  readonly side: Side;
  readonly node: number;
  readonly dimension: Dimension;
  readonly level: number;
  /** First cell. */
  readonly from: number;
  /** Cells of the whole node at this level. */
  readonly cells: number;
  /** Class by cell: the most frequent one of frames that are in use, CLASS_FREE when none is. The buffer is transferred. */
  readonly classes: Uint8Array<ArrayBuffer>;
  /** How much of the cell is in use, 0…255 (255: all, at least 1 when any is). The buffer is transferred. */
  readonly used: Uint8Array<ArrayBuffer>;
  readonly generation: number;
}

/** True counts of a range of frames, by class. */
export interface FrameCounts { readonly dimension: Dimension; readonly firstPfn: number; readonly frames: number; readonly counts: readonly number[] }

/** One frame in words. */
export interface FrameDetail {
  readonly pfn: number;
  readonly node: number;
  readonly kind: string;
  readonly state: string;
  /** `PG_locked`, … */
  readonly flags: readonly string[];
  readonly count: number;
  readonly mapcount: number;
  /** What it holds a page of: a file and the page in it, anonymous memory, a page table; empty when free. */
  readonly holds: string;
  /** Node on which its contents came to be; null when it is free. */
  readonly origin: number | null;
  readonly mappedBy: readonly { readonly pid: number; readonly comm: string; readonly address: number }[];
}

/* ---- processes ---- */

export interface TaskSummary {
  readonly pid: number;
  readonly comm: string;
  /** As ps has it: R, S, T, Z, …; H: it hangs. */
  readonly state: string;
  readonly cpu: number;
  readonly node: number;
  readonly uid: number;
  readonly policy: string;
  readonly cpuset: string;
  /** Pages in memory; node id → pages. */
  readonly pages: number;
  readonly byNode: Readonly<Record<number, number>>;
  readonly isKernelThread: boolean;
}
export interface VmaSummary {
  /** Bytes, end exclusive. */
  readonly start: number;
  readonly end: number;
  readonly pages: number;
  /** `rw-p` */
  readonly permissions: string;
  /** Path, `[heap]`, `[stack]`, or empty. */
  readonly name: string;
  readonly isLocked: boolean;
  /** As numa_maps has it: `default`, `bind:0-3`. */
  readonly policy: string;
  readonly present: number;
  readonly swapped: number;
  readonly dirty: number;
  readonly byNode: Readonly<Record<number, number>>;
}
export interface AddressSpace {
  readonly pid: number;
  readonly comm: string;
  /** Empty when the process has no memory (any more). */
  readonly vmas: readonly VmaSummary[];
}

/** Of pages in a row. `nodes`: node id + 1 by page, 0 when it is not in memory; `states`: 1 swapped out, 2 zero page, 4 dirty, 8 locked. */
export interface PageRow {
  readonly start: number;
  readonly nodes: Uint16Array<ArrayBuffer>;
  readonly states: Uint8Array<ArrayBuffer>;
  readonly pfns: Uint32Array<ArrayBuffer>;
}

/** Why pages are where they are: what `pmkit why` says (Verdict of @pmkit/series/compare), for the last migrate_pages() call for the process up to here. */
export interface WhyAnswer {
  /** The step that made the call; null: none was made for this process yet. */
  readonly step: number | null;
  /** What it returned. */
  readonly result: string | null;
  readonly verdicts: readonly {
    readonly start: number; readonly end: number; readonly pages: number; readonly mapping: string; readonly from: number; readonly to: number; readonly moved: boolean;
    readonly rule: string; readonly symbol: string; readonly file: string; readonly patch: string;
  }[];
}

/* ---- the series ---- */

export interface SeriesRow {
  /** File name; of the base the name of its last patch. */
  readonly name: string;
  /** 0 for the base, null for a patch of the hotplug project. */
  readonly number: number | null;
  readonly summary: string;
  readonly isApplied: boolean;
}
export interface SeriesState { readonly tree: TreeName; readonly rows: readonly SeriesRow[] }

/** `live`: the code of the running kernel is exchanged; `reboot`: the same script on a new machine, from its beginning. */
export type MoveHow = 'live' | 'reboot';
export type MoveResult =
  | { readonly moved: true; readonly standing: Standing; readonly series: SeriesState }
  /** A task sleeps in code that would be replaced (LiveChangeError), or the tree does not build; nothing was changed. */
  | { readonly moved: false; readonly why: 'task inside' | 'does not build' | 'needs a reboot'; readonly message: string;
      readonly inside: readonly { readonly pid: number; readonly comm: string; readonly entry: string | null; readonly symbols: readonly string[]; readonly waitsFor: string }[] };

/* ---- two machines in lockstep ---- */

export interface LockstepDifference { readonly kind: string; readonly where: string; readonly a: string | null; readonly b: string | null }
/** A page that is not on the same node on both; node -1: not in memory, -2: not mapped or no such task. */
export interface PageDifference { readonly pid: number; readonly comm: string; readonly address: number; readonly nodeA: number; readonly nodeB: number; readonly pfnA: number; readonly pfnB: number }
export interface LockstepState {
  readonly a: Standing;
  readonly b: Standing;
  /** The first step at which the two part, as `pmkit behaviour-diff` says it; null: they are alike so far. */
  readonly parting: { readonly step: number; readonly differences: readonly LockstepDifference[] } | null;
  /** What differs in the last step, and in the machines now. */
  readonly differences: readonly LockstepDifference[];
  /** The first of them, by process and address. */
  readonly pages: readonly PageDifference[];
  readonly pageCount: number;
}

/* ---- races ---- */

export interface RaceStep {
  /** From 1 on. */
  readonly number: number;
  /** Index into `actors`. */
  readonly actor: number;
  /** Function where it began and where it ended; `user`, `killed`, … where that is none. */
  readonly from: string;
  readonly at: string;
  readonly file: string;
  readonly patch: string;
  readonly text: string;
  /** The call it belongs to; null for a kernel thread. */
  readonly call: string | null;
  readonly begins: boolean;
  readonly waitsFor: string | null;
  /** Who could have gone on in its place. */
  readonly preempted: string | null;
  readonly log: readonly string[];
}
export interface RaceView {
  readonly name: string;
  readonly tree: TreeName;
  /** Names of the lanes. */
  readonly actors: readonly string[];
  readonly steps: readonly RaceStep[];
  /** How it ends, and what goes wrong. */
  readonly ending: string;
  readonly failures: readonly string[];
  /** The ending is that of the file. */
  readonly asRecorded: boolean;
  /** The two steps whose order decides, when there are such; `comesAt` null: Y never comes in this order. Filled by `race.explain`. */
  readonly pair: { readonly point: number; readonly first: string; readonly comesAt: number | null; readonly second: string; readonly otherwise: string } | null;
}
/** Which order: as in the file; or the critical pair the other way round, `Y` before `X`. */
export type RaceOrder = 'recorded' | 'otherwise';
export interface RacePoint {
  readonly order: RaceOrder;
  /** Steps done. */
  readonly step: number;
  readonly now: number;
  readonly log: readonly string[];
  /** Who can go on here. */
  readonly enabled: readonly string[];
  readonly ended: { readonly text: string; readonly failures: readonly string[] } | null;
}

/* ---- scripts to choose from ---- */

export interface PresetSummary { readonly name: string; readonly nodes: number; readonly frames: number; readonly bytes: number }
export interface BehaviourSummary { readonly id: string; readonly kind: 'claim' | 'discrepancy' | 'defect'; readonly sentence: string; readonly patch: number }

/* ---- requests and answers ---- */

type Nothing = Readonly<Record<string, never>>;

/** By name of the request: what it takes, and what it answers. */
export interface Requests {
  /** What there is to choose from. */
  readonly catalogue: { readonly params: Nothing; readonly result: { readonly presets: readonly PresetSummary[]; readonly behaviours: readonly BehaviourSummary[] } };
  /** Boots a machine with a script on it and stands at the beginning; a machine that was there is gone. */
  readonly open: { readonly params: { readonly side: Side; readonly setup: RunSetup }; readonly result: { readonly layout: MachineLayout; readonly standing: Standing; readonly setup: RunSetup } };
  readonly close: { readonly params: { readonly side: Side }; readonly result: null };
  readonly standing: { readonly params: { readonly side: Side }; readonly result: Standing };
  /** What has been run: with the lines typed and the patches pushed since. */
  readonly setup: { readonly params: { readonly side: Side }; readonly result: RunSetup };

  readonly frames: { readonly params: { readonly side: Side; readonly node: number; readonly dimension: Dimension; readonly level: number; readonly from?: number; readonly count?: number }; readonly result: FrameMap };
  readonly counts: { readonly params: { readonly side: Side; readonly dimension: Dimension; readonly firstPfn: number; readonly frames: number }; readonly result: FrameCounts };
  readonly legend: { readonly params: { readonly side: Side; readonly dimension: Dimension }; readonly result: Legend };
  readonly frame: { readonly params: { readonly side: Side; readonly pfn: number }; readonly result: FrameDetail };

  readonly tasks: { readonly params: { readonly side: Side }; readonly result: readonly TaskSummary[] };
  readonly addressSpace: { readonly params: { readonly side: Side; readonly pid: number }; readonly result: AddressSpace };
  /** MAX_PAGE_ROW pages at most are given at a time. */
  readonly pages: { readonly params: { readonly side: Side; readonly pid: number; readonly start: number; readonly count: number }; readonly result: PageRow };
  readonly why: { readonly params: { readonly side: Side; readonly pid: number; readonly address?: number; readonly pages?: number }; readonly result: WhyAnswer };

  readonly series: { readonly params: { readonly side: Side }; readonly result: SeriesState };
  readonly move: { readonly params: { readonly side: Side; readonly to: TreeName; readonly how: MoveHow }; readonly result: MoveResult };

  /** Goes on by `count` units (default 1), or to the end if that comes first. */
  readonly step: { readonly params: { readonly side: Side; readonly unit: StepUnit; readonly count?: number }; readonly result: Standing };
  /** Goes back by so many units. */
  readonly back: { readonly params: { readonly side: Side; readonly unit: StepUnit; readonly count?: number }; readonly result: Standing };
  /** To any point, forward or back; one behind the end is the end. */
  readonly seek: { readonly params: { readonly side: Side; readonly position: Position }; readonly result: Standing };
  /** Goes on to the end (a console: until it waits for a line), with a `moved` notice now and then; `pause` ends it where it is. */
  readonly run: { readonly params: { readonly side: Side; /** Steps a second of the page's time; absent: as fast as it goes. */ readonly speed?: number }; readonly result: Standing };
  readonly pause: { readonly params: { readonly side: Side }; readonly result: null };
  /** Steps from number `from` on: those that were done, and behind them those that come next as far as the run was seen before one went back. `total` counts all. */
  readonly steps: { readonly params: { readonly side: Side; readonly from: number; readonly count: number }; readonly result: { readonly total: number; readonly steps: readonly StepRecord[] } };
  /** The events of one step (number from 1 on), found by running it again; MAX_EVENTS at most are given, `total` says how many there are; beyond MAX_COUNTED_EVENTS nobody counts. */
  readonly events: { readonly params: { readonly side: Side; readonly step: number }; readonly result: { readonly total: number; readonly events: readonly TraceRecord[] } };
  /** The kernel log, from line `from` on. */
  readonly log: { readonly params: { readonly side: Side; readonly from: number }; readonly result: readonly { readonly now: number; readonly text: string }[] };
  /** The state of the machine as a number in hexadecimal: equal for equal states. */
  readonly hash: { readonly params: { readonly side: Side }; readonly result: string };
  /** Chrome trace JSON of steps `first` to `last` (numbers from 1 on), found by running them again. */
  readonly chromeTrace: { readonly params: { readonly side: Side; readonly first: number; readonly last: number }; readonly result: string };

  /** Both machines must stand at the beginning or at equal positions; takes both a step on. */
  readonly lockstepStep: { readonly params: Nothing; readonly result: LockstepState };
  /** Both machines, until they part or end. */
  readonly lockstepRun: { readonly params: Nothing; readonly result: LockstepState };
  readonly lockstep: { readonly params: Nothing; readonly result: LockstepState };

  readonly raceOpen: { readonly params: { readonly text: string; readonly name: string }; readonly result: RaceView };
  /** Looks for the critical pair; may take seconds. */
  readonly raceExplain: { readonly params: Nothing; readonly result: RaceView };
  readonly raceSeek: { readonly params: { readonly order: RaceOrder; readonly step: number }; readonly result: RacePoint };
  /** The run of the other order, once `raceExplain` has found a pair. */
  readonly raceOtherwise: { readonly params: Nothing; readonly result: RaceView };

  /** A line typed at the console, without its newline; runs to the next prompt. The machine must stand at its end, waiting for a line. */
  readonly type: { readonly params: { readonly side: Side; readonly line: string }; readonly result: Standing };
  /** Ctrl-C. */
  readonly interrupt: { readonly params: { readonly side: Side }; readonly result: null };
  readonly complete: { readonly params: { readonly side: Side; readonly line: string }; readonly result: { readonly candidates: readonly string[]; readonly word: string } };
  /** All that the console has printed up to here. */
  readonly screen: { readonly params: { readonly side: Side }; readonly result: readonly ConsoleOutput[] };
}
export type RequestName = keyof Requests;

export interface ConsoleOutput { readonly stream: 'in' | 'out' | 'err'; readonly text: string }

/** Page to worker. */
export type Request = { readonly [Name in RequestName]: { readonly id: number; readonly name: Name; readonly params: Requests[Name]['params'] } }[RequestName];

/** Why a request could not be answered. `code` is for programs, `message` for people. */
export interface Failure { readonly code: 'misuse' | 'does not build' | 'no machine' | 'internal'; readonly message: string }

/** Worker to page, once for each request. */
export type Answer =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly failure: Failure };

/** Worker to page, unasked. */
export type Notice =
  /** The kernel is there, and requests are answered. */
  | { readonly notice: 'ready' }
  /** While `run` runs, and after any other change of where a machine stands. */
  | { readonly notice: 'moved'; readonly standing: Standing }
  | { readonly notice: 'console'; readonly side: Side; readonly output: ConsoleOutput }
  /** Something of the screen is no longer so (one went back in time): ask for `screen` again. */
  | { readonly notice: 'screen'; readonly side: Side };

export type FromWorker = Answer | Notice;

export const MAX_PAGE_ROW = 65536;
export const MAX_EVENTS = 20_000;
export const MAX_COUNTED_EVENTS = 1_000_000;
export const MAX_PAGE_DIFFERENCES = 1000;

/* ---- data that the build has made (prepare.ts): `data/index.json`, `data/patches/<name>.json`, which the page loads by itself ---- */

export interface PreparedIndex {
  readonly kit: string;
  /** The base first, then in the order of the series. */
  readonly patches: readonly { readonly name: string; readonly number: number | null; readonly summary: string; readonly file: string }[];
  /** Scripts for the console and scenario files. */
  readonly scripts: readonly { readonly name: string; readonly title: string; readonly script: Script }[];
  /** Replay files of races, by name. */
  readonly races: readonly { readonly name: string; readonly title: string; readonly file: string }[];
}

/** A behaviour of the catalogue on the page of a patch. */
export interface PreparedBehaviour {
  readonly id: string;
  readonly kind: 'claim' | 'discrepancy' | 'defect';
  readonly sentence: string;
  readonly sources: readonly { readonly from: string; readonly at: string }[];
  /** Level at which it is seen first → what is seen. */
  readonly expect: Readonly<Record<string, string>>;
}

/** The page of a patch. */
export interface PreparedPatch {
  readonly name: string;
  readonly number: number | null;
  readonly package: string;
  readonly summary: string;
  readonly after: string | null;
  readonly author: string;
  readonly mail: { readonly as: string; readonly date: string; readonly messageId: string | null } | null;
  readonly purpose: readonly string[];
  readonly needs: readonly number[];
  readonly files: readonly {
    readonly file: string; readonly insertions: number | null; readonly deletions: number | null; readonly note: string | null;
    readonly symbols: readonly { readonly name: string; readonly change: string; readonly isFunction: boolean; readonly alsoIn: readonly string[] }[];
  }[];
  readonly remarks: readonly string[];
  readonly reviews: readonly { readonly by: string; readonly date: string | null; readonly messageId?: string; readonly text: string }[];
  readonly lineage: readonly { readonly version: string; readonly commit?: string; readonly text: string }[];
  readonly sources: readonly string[];
  /** By heading of the reviewer's page. */
  readonly behaviours: {
    readonly breaks: readonly PreparedBehaviour[]; readonly claims: readonly PreparedBehaviour[]; readonly holds: readonly PreparedBehaviour[];
    readonly discrepancies: readonly PreparedBehaviour[]; readonly defects: readonly PreparedBehaviour[]; readonly changedDefects: readonly PreparedBehaviour[];
  };
  /** Unified diff of the kit's own sources; empty for the base. */
  readonly diff: string;
}
