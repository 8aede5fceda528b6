/** Random programs, guided by what they reach. */
import { hasOtherTrees, type Tree } from '@pmkit/series/catalogue';
import type { AnyKernel } from '@pmkit/series/levels';
import { BranchGuide } from './branches.js';
import { Generator } from './generate.js';
import type { Covered, Guide, Uncovered } from './guide.js';
import * as plain from './instance.js';
import { PairGuide } from './pairs.js';
import type { Program } from './program.js';
import { shrinkProgram } from './shrink.js';
import type { Played } from './run.js';
import type { Stand } from './stand.js';
import type { Verdict } from './verdict.js';

export interface FuzzOptions {
  readonly seed: number;
  readonly tree: Tree;
  /** System calls and accesses at most. */
  readonly calls: number;
  /** Asked after each program: true ends the run. For those who go by the clock. */
  readonly enough?: () => boolean;
  /** Programs to begin with. */
  readonly corpus?: readonly Program[];
  /** Only those. */
  readonly corpusOnly?: boolean;
  /** Reports at most; default 1. */
  readonly reports?: number;
  /** Shrink what is found; default true. */
  readonly shrink?: boolean;
  /** Names of calls that programs are made of, and stands they run on; default all. */
  readonly names?: readonly string[];
  readonly stands?: readonly string[];
  /** Spoils each kernel before the first program: for tests of what the fuzzer notices. */
  readonly tamper?: (k: AnyKernel) => void;
}

/** Something wrong that no listed defect explains. */
export interface FuzzReport {
  /** Numbers taken out. */
  readonly failure: string;
  /** As it was found, and shrunk. */
  readonly found: Program;
  readonly program: Program;
}
export interface Fuzzed {
  readonly calls: number;
  readonly programs: number;
  readonly reports: readonly FuzzReport[];
  /** Listed defects that programs ran into, by id of the catalogue: how many programs. */
  readonly defects: ReadonlyMap<string, number>;
  readonly covered: Covered;
  /** Functions with something that was never reached. */
  readonly uncovered: readonly Uncovered[];
  /** The programs that have reached something new, in the order in which they did. */
  readonly corpus: readonly Program[];
}

/** What programs are run on, and what sees where they come. */
interface Ground { readonly instance: typeof plain; readonly guide: Guide }

/**
 * Runs random programs until so many calls are made, enough reports are found or the time is up. The same options give the same, but for the time.
 * @throws {LinkError} when the tree does not build.
 */
export async function fuzz(options: FuzzOptions): Promise<Fuzzed> {
  return new Fuzzer(options, await ground()).run();
}
/** The covered kernel, which is only loaded when it is needed; of trees that the build has not seen there is none. */
async function ground(): Promise<Ground> {
  if (hasOtherTrees()) return { instance: plain, guide: new PairGuide() };
  const covered = await import('@pmkit/explore/covered');
  return { instance: covered, guide: new BranchGuide(covered) };
}

/** Runs one program from the beginning of its stand and judges it. @throws {LinkError} when the tree does not build. */
export function runProgram(program: Program, tree: Tree): Verdict {
  const stand = plain.makeStand(program.stand, tree);
  return plain.judgeProgram(stand, program, plain.play(stand, program));
}

/** Results between it and 0 are errors. */
const MAX_ERRNO = 4096;

class Fuzzer {
  readonly #options: FuzzOptions;
  readonly #instance: typeof plain;
  readonly #guide: Guide;
  /** Calls with the errno that they returned. */
  readonly #errors = new Set<string>();
  readonly #stands = new Map<string, Stand>();
  readonly #corpus: Program[] = [];
  readonly #defects = new Map<string, number>();
  readonly #reports: FuzzReport[] = [];
  #calls = 0;
  #programs = 0;

  constructor(options: FuzzOptions, { instance, guide }: Ground) {
    this.#options = options;
    this.#instance = instance;
    this.#guide = guide;
  }

  run(): Fuzzed {
    const { seed, calls, enough, corpus = [], reports = 1, names, stands, corpusOnly = false } = this.#options;
    const generator = new Generator(seed, names, stands);
    for (let i = 0; this.#calls < calls && this.#reports.length < reports && enough?.() !== true; i++) {
      if (corpusOnly && i === corpus.length) break;
      this.#try(corpus[i] ?? generator.next(this.#corpus));
    }
    return {
      calls: this.#calls, programs: this.#programs, reports: this.#reports, defects: this.#defects, corpus: this.#corpus,
      covered: { ...this.#guide.covered, errors: this.#errors.size }, uncovered: this.#guide.uncovered,
    };
  }

  #try(program: Program): void {
    const { played, verdict } = this.#run(program);
    this.#calls += played.made;
    this.#programs++;
    const news = this.#guide.takeNews() + this.#newErrors(program, played);
    if (news > 0) this.#corpus.push(program);
    for (const id of verdict.defects) this.#defects.set(id, (this.#defects.get(id) ?? 0) + 1);
    const [failure] = verdict.reports;
    if (failure !== undefined && this.#reports.every(report => report.failure !== failure)) this.#report(program, failure);
  }

  #newErrors({ calls }: Program, { results }: Played): number {
    const before = this.#errors.size;
    for (const { id, name } of calls) {
      const result = results.get(id) ?? 0;
      if (result < 0 && result > -MAX_ERRNO) this.#errors.add(`${name} ${result}`);
    }
    return this.#errors.size - before;
  }

  #run(program: Program): { played: Played; verdict: Verdict } {
    const stand = this.#stand(program.stand);
    const played = this.#instance.play(stand, program, this.#guide);
    return { played, verdict: this.#instance.judgeProgram(stand, program, played) };
  }
  #stand(name: string): Stand {
    let stand = this.#stands.get(name);
    if (stand === undefined) {
      stand = this.#instance.makeStand(name, this.#options.tree);
      this.#options.tamper?.(stand.world.k);
      this.#guide.watch(stand.world.k);
      this.#stands.set(name, stand);
    }
    return stand;
  }

  #report(found: Program, failure: string): void {
    const program = this.#options.shrink === false ? found : shrinkProgram(found, candidate => this.#run(candidate).verdict.reports.includes(failure));
    this.#guide.takeNews();
    this.#reports.push({ failure, found, program });
  }
}
