/** Runs cases: one by one (replay(), for counterexamples and tests) or as a fast-check property (check(), for the test run and the soak). */
import fc from 'fast-check';
import { settle } from '@pmkit/mm-core';
import type { AnyKernel } from '../../src/levels.js';
import { Violation } from '../fuzz/world.js';
import { predict } from '../model/predict.js';
import type { DefectId, Outcome } from '../model/situation.js';
import { plan, perform } from './calls.js';
import { caseArbitrary, type Case } from './cases.js';
import { damageDiffers, difference } from './compare.js';
import { Scene } from './scene.js';

export interface ReplayOptions {
  /** Spoils the kernel before the first call: for tests of what the comparison notices. */
  readonly tamper?: (k: AnyKernel) => void;
  /** The defects that the model follows; default: all that are listed. */
  readonly defects?: ReadonlySet<DefectId>;
}

/**
 * Builds the machine of a case, makes its calls and compares after each.
 * @returns what each call came to
 * @throws {Violation} with the first difference between machine and model
 */
export function replay(spec: Case, { tamper, defects }: ReplayOptions = {}): Outcome[] {
  const scene = new Scene(spec);
  tamper?.(scene.k);
  const outcomes: Outcome[] = [];
  /* After the first call a node that was full may have room again. */
  const calls = spec.machine.full < 0 ? spec.calls : spec.calls.slice(0, 1);
  for (const [i, callSpec] of calls.entries()) {
    const planned = plan(scene, callSpec);
    const { call } = planned;
    const target = scene.tasks.find(({ task }) => task.pid === call.pid);
    const outcome = predict(scene.situation, call, defects);
    outcomes.push(outcome);
    const result = perform(scene, planned);
    const died = outcome.result === 'died';
    if (!died) settle(scene.k);
    const last = died || i === calls.length - 1;
    const found = (result === outcome.result ? null : `returned ${result}, expected ${outcome.result}`) ?? difference(scene)
      ?? (last ? damageDiffers(scene, died ? target!.mm : null, call.caller.pid) : null);
    if (found !== null) throw new Violation(`call ${i} at level ${spec.level}, ${describe(planned.call, outcome)}:\n${found}`);
    if (last) break;
  }
  scene.dispose();
  return outcomes;
}

const describe = ({ pid, count, oldNodes, newNodes, caller }: ReturnType<typeof plan>['call'], { defects }: Outcome): string =>
  `migrate_pages(${pid}, ${count}, ${fc.stringify(oldNodes)}, ${fc.stringify(newNodes)}) by ${caller.pid}${defects.size === 0 ? '' : ` (${[...defects].join(', ')})`}`;

export interface CheckOptions {
  readonly seed: number;
  readonly runs: number;
  readonly level?: number | undefined;
  /** Runs only the counterexample that fast-check has called by this path. */
  readonly path?: string | undefined;
}

/** fast-check's report of a failure names seed and path and holds the shrunk case: the argument of replay(). */
export function check({ seed, runs, level, path }: CheckOptions, seen: (spec: Case, outcomes: readonly Outcome[]) => void = () => undefined): void {
  fc.assert(fc.property(caseArbitrary(level), spec => seen(spec, replay(spec))), {
    seed, ...(path === undefined || path === '' ? { numRuns: runs } : { path, numRuns: 1, endOnFailure: true }),
  });
}
