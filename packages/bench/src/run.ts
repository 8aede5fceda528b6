/** Has subjects and curves measured, each in processes of their own, one after the other. */
import { spawnSync } from 'node:child_process';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { curves, type Curve } from './curves.js';
import type { KernelKind } from './kernels.js';
import type { Answer, Order } from './measure.js';
import type { Options } from './options.js';
import { isFigure, type CurveResult, type Figure, type Result } from './record.js';
import type { Effort } from './rounds.js';
import { summary } from './statistics.js';
import type { Subject } from './subject.js';
import { figureSubjects } from './subjects/index.js';

const FULL: Effort = { budget: 3000, least: 5, most: 25 };
const QUICK: Effort = { budget: 30, least: 2, most: 2 };
const POINT: Effort = { budget: 1000, least: 3, most: 50 };
/** One operation, when that is all a process is for. */
const ONCE: Effort = { budget: 0, least: 1, most: 1 };
/** Sizes of a curve that are measured quickly. */
const QUICK_POINTS = 2;

const script = fileURLToPath(new URL('./measure.js', import.meta.url));

/** @throws {Error} with what the process said, when it does not end well. */
function ask(order: Order): Answer {
  const child = spawnSync(process.execPath, ['--expose-gc', script, JSON.stringify(order)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (child.status !== 0) throw new Error(/^\w*Error: .*$/m.exec(child.stderr)?.[0] ?? `exit code ${child.status ?? 'none'}: ${child.stderr.trim().slice(-500)}`);
  return JSON.parse(child.stdout) as Answer;
}

interface Case { readonly subject: Subject; readonly kernel: KernelKind | null; readonly level: number; readonly size: number; readonly effort: Effort; readonly among: boolean }

function missing({ subject, kernel, size, among }: Case, why: string, failed: boolean): Result {
  return { subject: subject.name, kernel, size, ...(among ? { among } : {}), why, failed };
}

/** A cold subject has a process for each sample. */
function measure(one: Case): Result {
  const { subject, kernel, level, size, effort, among } = one;
  const needed = subject.memory?.(size) ?? 0;
  if (needed > os.freemem()) return missing(one, `needs ${Math.ceil(needed / 2 ** 30)} GB of free memory`, false);
  const cold = subject.cold === true;
  const order: Order = {
    subject: subject.name, module: subject.module, kernel: kernel ?? 'table', level, size, effort: cold ? ONCE : { ...effort, most: Math.min(effort.most, subject.samples ?? effort.most) },
    ...(among ? { amongLevelsUpTo: level } : {}),
  };
  try {
    const answers = Array.from({ length: cold ? Math.min(subject.samples ?? effort.least, effort.most) : 1 }, () => ask(order));
    return { subject: subject.name, kernel, size, ...(among ? { among } : {}), ...summarised(answers) };
  } catch (error) {
    return missing(one, error instanceof Error ? error.message : String(error), true);
  }
}

function summarised(answers: readonly Answer[]): Omit<Figure, 'subject' | 'kernel' | 'size' | 'among'> {
  const times = answers.flatMap(answer => answer.operation);
  const floors = answers.flatMap(answer => answer.roofline);
  const last = answers.at(-1)!;
  return {
    units: last.units, samples: times.length, time: summary(times),
    ...(floors.length === 0 ? {} : { roofline: summary(floors), percent: summary(floors.map((floor, i) => (100 * floor) / times[i]!)) }),
    ...(last.bytes === undefined ? {} : { bytes: last.bytes }),
    rss: Math.max(...answers.map(({ rss }) => rss)),
  };
}

/** Who is told of each result when it is there. */
export type Progress = (name: string, result: Result) => void;

const kernelsOf = (subject: Subject, { kernels }: Options): readonly (KernelKind | null)[] => (subject.kernels ? kernels : [null]);

function figuresOf(subject: Subject, options: Options, progress: Progress): Result[] {
  const { level, quick } = options;
  return kernelsOf(subject, options).flatMap(kernel => (subject.amongLevelsFrom === undefined ? [false] : [false, true]).map(among => {
    const result = measure({ subject, kernel, level, size: quick ? subject.size.quick : subject.size.full, effort: quick ? QUICK : FULL, among });
    progress(subject.name, result);
    return result;
  }));
}

/** ms of one operation of a point. */
export const operationMs = ({ time, units }: Figure): number => (time.median * units) / 1e6;

function curveOf(curve: Curve, options: Options, progress: Progress): CurveResult[] {
  const { level, quick, patience } = options;
  const { subject } = curve;
  return kernelsOf(subject, options).map(kernel => {
    const points: Result[] = [];
    for (const size of quick ? curve.sizes.slice(0, QUICK_POINTS) : curve.sizes) {
      const one: Case = { subject, kernel, level, size, effort: quick ? QUICK : POINT, among: false };
      const before = points.at(-1);
      const expected = before === undefined ? 0 : isFigure(before) ? (operationMs(before) * size) / before.size / 1000 : Infinity;
      const result = expected > patience ? missing(one, Number.isFinite(expected) ? `one operation would take ${Math.round(expected)} s` : 'a smaller size was not measured', false) : measure(one);
      progress(curve.name, result);
      points.push(result);
    }
    return { curve: curve.name, kernel, points };
  });
}

/** @returns all results; what could not be measured says why. */
export function runAll(options: Options, progress: Progress): { figures: Result[]; curves: CurveResult[] } {
  const wanted = ({ name }: { readonly name: string }): boolean => options.names.includes(name);
  return {
    figures: figureSubjects.filter(wanted).flatMap(subject => figuresOf(subject, options, progress)),
    curves: curves.filter(wanted).flatMap(curve => curveOf(curve, options, progress)),
  };
}
