/** migrate_pages(2) of the recordings by means of rc3's call. */
import { BAD_POINTER, enterSyscall, finishPath, newPath, NO_RESULT, returnToUser, runWoken, stepPath, type Task } from '@pmkit/mm-core';
import { EAGAIN, EINVAL } from '@pmkit/mm-core/include/linux/errno';
import { errnoName } from '@pmkit/mm-core/model/errno-name';
import { disjointSteps, movesOf } from '../console/programs/numa/libnuma/moves.js';
import type { Mask, Operation } from './operation.js';
import { touchRange } from './accesses.js';
import { ofResult, performed, resultFields, type Performed } from './performed.js';
import { MASK_BITS, PAGE, type Proc, type World } from './world.js';

/** The pid that a name, `self`, or a number stands for. */
function pidOf(world: World, actor: Proc, pid: string): number {
  if (pid === 'self') return actor.task.pid;
  return /^\d+$/.test(pid) ? Number(pid) : world.proc(pid).task.pid;
}

/**
 * The call by a task, during which processes that spin touch their pages whenever the call waits. Run to completion: nobody else gets the CPU in between.
 * @returns what the call returns; NO_RESULT when the caller did not survive it.
 */
function callAmongSpinners(world: World, caller: Task, args: readonly unknown[]): number {
  const { k } = world;
  const spinners = [...world.procs.values()].filter(proc => proc.spin !== null && proc.task !== caller);
  if (spinners.length === 0) return world.call(caller, 'migrate_pages', ...args);
  const spin = (): void => {
    for (const proc of spinners) {
      const { address, pages, write } = proc.spin!;
      if (proc.task.state === 'R' && !k.m.paths.has(proc.task)) touchRange(world, proc, address, pages, write, 1, address);
    }
  };
  spin();
  const path = newPath(caller, enterSyscall(k, 'migrate_pages', args));
  stepPath(k, path);
  if (path.state === 'running') spin();
  finishPath(k, path);
  if (path.state !== 'returned') return NO_RESULT;
  returnToUser(k, caller);
  runWoken(k);
  spin();
  return path.value as number;
}

/** A call with a pointer that is none: the arrays go to the kernel as they are. */
function badCall(world: World, actor: Proc, pid: number, old: Mask, target: Mask): Performed {
  const array = (mask: Mask): Uint32Array | typeof BAD_POINTER | null => (mask === 'NULL' ? null : mask === 'BAD' ? BAD_POINTER : Uint32Array.from(mask));
  return ofResult(world.call(actor.task, 'migrate_pages', pid, 1, array(old), array(target)));
}

/**
 * Moves in disjoint steps. A step that leaves busy pages behind (-EAGAIN) is no reason not to make the others; any other error is.
 *
 * The results are brought to the recordings' terms: rc3 returns how many pages it took for migration, the recorded kernel how many it could not move and in
 * pgmigrate_success how many it did.
 */
export function migrate(world: World, op: Extract<Operation, { kind: 'migrate' }>): Performed {
  const actor = world.proc(op.actor);
  const pid = pidOf(world, actor, op.pid);
  if (op.old === 'NULL' || op.old === 'BAD' || op.new === 'NULL' || op.new === 'BAD') return badCall(world, actor, pid, op.old, op.new);
  const bits = (op.maxnode ?? MASK_BITS) - 1;
  // a mask of a length that no kernel reads is refused by who has to make arrays of it
  if (bits < 0 || bits > 8 * PAGE) return ofResult(-EINVAL);
  const within = (mask: readonly number[]): number[] => mask.filter(node => node < bits);
  const steps = disjointSteps(movesOf(within(op.old), within(op.new)));
  const calls: string[] = [];
  let moved = 0;
  let failed = 0;
  world.withSwap(() => {
    for (const step of steps) {
      const [old, target] = [step.map(({ from }) => from), step.map(({ to }) => to)];
      const result = callAmongSpinners(world, actor.task, [pid, old.length, Uint32Array.from(old), Uint32Array.from(target)]);
      calls.push(`${old.join(',')}→${target.join(',')}: ${result === NO_RESULT ? 'did not return' : errnoName(result)}`);
      if (result >= 0) moved += result;
      else failed = failed === 0 || failed === -EAGAIN ? result : failed;
      if (result < 0 && result !== -EAGAIN) break;
    }
  });
  return performed(resultFields(failed), calls, new Map([['pgmigrate_success', moved]]));
}
