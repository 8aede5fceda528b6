/** What was measured, as data, and the file that keeps it: a line of JSON a run. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { Misuse } from './errors.js';
import type { KernelKind } from './kernels.js';
import type { Summary } from './statistics.js';
import type { Bytes } from './subject.js';

const SCHEMA = 1;

interface Measured {
  readonly subject: string;
  /** Null where there is no choice of kernels. */
  readonly kernel: KernelKind | null;
  readonly size: number;
  /** Machines of the other levels did the same in turn. */
  readonly among?: true;
}
export interface Figure extends Measured {
  /** Of one operation. */
  readonly units: number;
  readonly samples: number;
  /** ns a unit. */
  readonly time: Summary;
  readonly roofline?: Summary;
  /** The roofline's time in percent of the operation's, sample by sample. */
  readonly percent?: Summary;
  readonly bytes?: Bytes;
  /** Of the process at its end, in bytes: the largest of the samples. */
  readonly rss: number;
}
export interface Missing extends Measured {
  readonly why: string;
  /** It was tried. */
  readonly failed: boolean;
}
export type Result = Figure | Missing;
export const isFigure = (result: Result): result is Figure => 'time' in result;

export interface CurveResult { readonly curve: string; readonly kernel: KernelKind | null; readonly points: readonly Result[] }

/** The computer it ran on. */
export interface Computer { readonly cpu: string; readonly cores: number; readonly memory: number; readonly system: string; readonly node: string; readonly v8: string }

export interface Run {
  readonly schema: typeof SCHEMA;
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly commit: string;
  readonly computer: Computer;
  /** Load average of the last minute before it began: what else the computer did. */
  readonly load: number;
  readonly level: number;
  readonly full: boolean;
  readonly figures: readonly Result[];
  readonly curves: readonly CurveResult[];
}

function thisComputer(): Computer {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model.trim() ?? 'unknown', cores: os.availableParallelism(), memory: os.totalmem(), system: `${os.platform()} ${os.arch()}`, node: process.versions.node,
    v8: process.versions.v8,
  };
}

const here = fileURLToPath(new URL('../', import.meta.url));

/** The commit that was measured, `-dirty` when files differ from it. */
function commit(): string {
  const { status, stdout } = spawnSync('git', ['describe', '--always', '--dirty', '--abbrev=12', '--exclude', '*'], { cwd: here, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : 'unknown';
}

/** @param what was measured, and how busy the computer was before */
export const newRun = (what: Pick<Run, 'load' | 'level' | 'full' | 'figures' | 'curves'>): Run =>
  ({ schema: SCHEMA, date: new Date().toISOString(), commit: commit(), computer: thisComputer(), ...what });

export const historyFile = fileURLToPath(new URL('../history.jsonl', import.meta.url));

export function appendRun(file: string, run: Run): void {
  appendFileSync(file, `${JSON.stringify(run)}\n`);
}

function parseRun(line: string): Run | undefined {
  try {
    const run = JSON.parse(line) as Partial<Run> | null;
    return run?.schema === SCHEMA && Array.isArray(run.figures) && Array.isArray(run.curves) ? (run as Run) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The runs of a history, the oldest first. @throws {Misuse} naming the line that is not one; or that there is no such file. */
export function readHistory(file: string): Run[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Misuse(`${file}: cannot be read; --record begins it`, { cause: error });
  }
  return text.split('\n').flatMap((line, i) => {
    if (line === '') return [];
    const run = parseRun(line);
    if (run === undefined) throw new Misuse(`${file}:${i + 1}: expected the JSON of a run of schema ${SCHEMA}`);
    return [run];
  });
}
