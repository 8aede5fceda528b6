/** Operation and roofline in turns, so that both see the same load of the computer. */
import { performance } from 'node:perf_hooks';
import type { Prepared } from './subject.js';

/** How much is measured. */
export interface Effort {
  /** For how long, in ms, when enough samples were taken by then. */
  readonly budget: number;
  /** Samples at least; two, when the budget is exceeded threefold. */
  readonly least: number;
  readonly most: number;
}

/** ns a unit, a sample each; those of one place were taken one after the other. */
export interface Samples { readonly operation: number[]; readonly roofline: number[]; readonly units: number }

/** Operations before the clock counts, at least. */
const WARM_OPERATIONS = 2;
/** The part of the budget that V8 gets to know the code. */
const WARM_SHARE = 1 / 3;
/** After so many budgets two samples are enough. */
const PATIENCE = 3;
const ENOUGH = 2;

async function timeOperation(prepared: Prepared): Promise<{ ms: number; units: number }> {
  prepared.before?.();
  const begin = performance.now();
  const result = prepared.operation();
  const units = typeof result === 'number' ? result : await result;
  return { ms: performance.now() - begin, units };
}

function timeRoofline(prepared: Prepared): number {
  prepared.beforeRoofline?.();
  const begin = performance.now();
  prepared.roofline?.();
  return performance.now() - begin;
}

/** Until V8 knows the code; an operation that takes long knows it by its end. */
export async function warmUp(prepared: Prepared, { budget }: Effort): Promise<void> {
  const begin = performance.now();
  const spent = (): number => performance.now() - begin;
  for (let done = 0; (done < WARM_OPERATIONS || spent() < budget * WARM_SHARE) && (done === 0 || spent() < budget); done++) {
    await timeOperation(prepared);
    timeRoofline(prepared);
  }
}

/** @throws {Error} when an operation has done nothing. */
export async function measureRounds(prepared: Prepared, { budget, least, most }: Effort): Promise<Samples> {
  const samples: Samples & { units: number } = { operation: [], roofline: [], units: 0 };
  const begin = performance.now();
  for (let round = 0; round < most; round++) {
    const spent = performance.now() - begin;
    if (round >= least ? spent >= budget : round >= ENOUGH && spent >= budget * PATIENCE) break;
    // who goes first takes turns too
    let floor = round % 2 === 0 ? timeRoofline(prepared) : 0;
    const { ms, units } = await timeOperation(prepared);
    if (round % 2 === 1) floor = timeRoofline(prepared);
    if (!(units > 0)) throw new Error(`the operation has done ${units} units`);
    samples.units = units;
    samples.operation.push((ms * 1e6) / units);
    if (prepared.roofline !== undefined) samples.roofline.push((floor * 1e6) / units);
  }
  return samples;
}
