/**
 * Replays a recording: each operation is done on the simulated machine, result and state are compared, every difference is put to the rules, and then the machine is brought into
 * line with the recording, so that the next operation begins where the recorded kernel began it.
 */
import { align } from './align.js';
import { type Case, type Reason } from './case.js';
import { cellKey, compareStates, type Cell, type Difference } from './difference.js';
import { judge } from './judge.js';
import { observe } from './observe.js';
import { parseOperation, type Operation } from './operation.js';
import { perform } from './perform.js';
import type { Performed } from './performed.js';
import { RecordingError, type Recording, type StateRecord, type StepRecord, type TaskRecord } from './recording.js';
import { World } from './world.js';

/** A difference with what explains it: a reason, or none. `carried`: it was there before this operation, and explained then. */
export interface Judged extends Difference { readonly reason: Reason | null; readonly carried: boolean }
export interface StepReport { readonly index: number; readonly op: string; readonly calls: readonly string[]; readonly differences: readonly Judged[] }
export interface ScenarioReport { readonly file: string; readonly scenario: string; readonly title: string; readonly steps: readonly StepReport[] }

/** Operations after which also the memory of the programs themselves is compared: they move, or forbid, other processes' pages. */
const LOOKS_AT_PROGRAMS: ReadonlySet<Operation['kind']> = new Set(['migrate', 'movepages', 'cpuset-attach', 'cpuset-write', 'write']);
const OOM_KILL = 'Out of Memory: Killed process';

function observeAll(world: World): StateRecord {
  const state = new Map<string, TaskRecord | 'dead'>();
  for (const proc of world.procs.values()) {
    const seen = observe(world, proc);
    // whoever the scenario has killed is gone; whoever died without its doing lies there dead
    if (seen !== 'dead' || !proc.collected) state.set(proc.name, seen);
  }
  return state;
}

const cell = (aspect: 'result' | 'vm', place: string): Cell => ({ aspect, task: '', place, image: false, page: -1 });
const fieldsText = (names: readonly string[], fields: ReadonlyMap<string, string | number>): string =>
  names.filter(name => fields.has(name)).map(name => `${name}=${String(fields.get(name)).trim()}`).join(' ');

/** The result, as far as both sides have it: what a call that failed would have said besides is not a difference of its own. */
function compareResult(step: StepRecord, { fields, vm }: Performed): Difference[] {
  const differences: Difference[] = [];
  const failed = fields.has('err') && !step.fields.has('err');
  const names = [...step.fields.keys()].filter(name => fields.has(name) || (!failed && name !== 'status'));
  const all = [...new Set([...names, ...(fields.has('err') ? ['err'] : [])])];
  if (all.some(name => step.fields.get(name) !== fields.get(name))) {
    differences.push({ ...cell('result', ''), theirs: fieldsText(all, step.fields), ours: fieldsText(all, fields) });
  }
  for (const name of new Set([...step.vm.keys(), ...vm.keys()])) {
    const [theirs, ours] = [step.vm.get(name) ?? 0, vm.get(name) ?? 0];
    if (theirs !== ours) differences.push({ ...cell('vm', name), theirs: String(theirs), ours: String(ours) });
  }
  return differences;
}

/** The adapter's memory from one operation to the next. */
class Replay {
  readonly #recording: Recording;
  readonly #world: World;
  readonly #history: Operation[] = [];
  #before: { theirs: StateRecord; ours: StateRecord } = { theirs: new Map(), ours: new Map() };
  /** Differences that could not be put right, by cell. */
  #carried = new Map<string, Judged>();

  constructor(recording: Recording, level: number) {
    this.#recording = recording;
    this.#world = new World(recording.boot, level);
  }

  step(op: Operation, index: number): StepReport {
    const world = this.#world;
    const step = this.#recording.steps[index]!;
    this.#history.push(op);
    for (const proc of world.procs.values()) proc.nextInterleaved = proc.task.il_next;
    const logged = world.k.m.log.length;
    const performed = perform(world, op, { recording: this.#recording, index, step });
    const killed = world.k.m.log.slice(logged).filter(line => line.text.startsWith(OOM_KILL)).length;
    if (killed > 0) performed.vm.set('oom_kill', killed);
    const after = observeAll(world);
    const differences = [...compareResult(step, performed), ...compareStates(step.state, after, LOOKS_AT_PROGRAMS.has(op.kind))];
    const c: Case = { op, step, performed, history: this.#history, before: this.#before, after, world, differences };
    const judged = this.#judge(c);
    this.#align(step.state, judged);
    return { index, op: step.op, calls: performed.calls, differences: judged };
  }

  /** Gives the machine up. */
  end(): void {
    this.#world.end();
  }

  #judge(c: Case): Judged[] {
    const fresh: Difference[] = [];
    const judged: Judged[] = [];
    for (const d of c.differences) {
      const old = this.#carried.get(cellKey(d));
      if (old !== undefined && old.theirs === d.theirs && old.ours === d.ours) judged.push({ ...d, reason: old.reason, carried: true });
      else fresh.push(d);
    }
    const reasons = judge(c, fresh, new Map(judged.map(d => [cellKey(d), d.reason] as const)));
    fresh.forEach((d, i) => judged.push({ ...d, reason: reasons[i]!, carried: false }));
    return judged;
  }

  /** What still differs afterwards is carried with the reason it was given: by this operation, or before. */
  #align(theirs: StateRecord, judged: readonly Judged[]): void {
    if (theirs === null) return;
    align(this.#world, theirs);
    const ours = observeAll(this.#world);
    this.#before = { theirs, ours };
    const now = new Map(judged.map(d => [cellKey(d), d] as const));
    const carried = new Map<string, Judged>();
    for (const d of compareStates(theirs, ours, true)) {
      const key = cellKey(d);
      const old = this.#carried.get(key);
      const same = old !== undefined && old.theirs === d.theirs && old.ours === d.ours;
      const reason = same ? old.reason : (now.get(key)?.reason ?? old?.reason ?? null);
      if (reason !== null) carried.set(key, { ...d, reason, carried: true });
    }
    this.#carried = carried;
  }
}

/**
 * Replays one recording on a machine of its own.
 * @param level 0…10
 * @throws {RecordingError} naming file, operation and what is wrong with it: unknown words, a process that is not there.
 */
export function replay(recording: Recording, level: number): ScenarioReport {
  const where = (index: number): string => `${recording.file}: operation ${index}`;
  const operations = recording.steps.map(({ op }, index) => parseOperation(op, where(index)));
  const run = new Replay(recording, level);
  const step = (op: Operation, index: number): StepReport => {
    try {
      return run.step(op, index);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new RecordingError(`${where(index)}: '${recording.steps[index]!.op}': ${error.message}`, { cause: error });
    }
  };
  try {
    return { file: recording.file, scenario: recording.scenario, title: recording.title, steps: operations.map(step) };
  } finally {
    run.end();
  }
}
