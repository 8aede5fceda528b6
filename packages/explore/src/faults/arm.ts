/** From the faults of a race to those who can take a step in it. */
import type { Tree } from '@pmkit/series/catalogue';
import type { Stage } from '@pmkit/series/scenario';
import type { FaultActor, TaskActor } from '../world/actor.js';
import * as devices from './devices.js';
import * as memory from './memory.js';
import * as pages from './pages.js';
import type { Arm } from './site.js';
import type { Fault, FaultName } from './syntax.js';
import * as tasks from './tasks.js';

const ARMS: Readonly<Record<FaultName, Arm>> = {
  'alloc-fail': memory.allocFail, 'memory-pressure': memory.memoryPressure, 'node-offline': memory.nodeOffline,
  'no-swap': devices.noSwap, 'swap-read-error': devices.swapReadError, 'swap-write-error': devices.swapWriteError,
  'disk-error': devices.diskError, 'slow-disk': devices.slowDisk,
  'page-locked': pages.pageLocked, 'page-writeback': pages.pageWriteback, 'page-held': pages.pageHeld,
  kill: tasks.kill, exit: tasks.exit, fork: tasks.fork, munmap: tasks.munmap, set_mempolicy: tasks.setMempolicy, cpuset: tasks.cpuset,
};

/**
 * Does what must be done before the race, and makes actors of what may happen in it.
 * @throws {ScenarioError} for a task, node or device that there is not, or a fault that this kernel cannot have.
 */
export function armFaults(stage: Stage, tree: Tree, faults: readonly Fault[], actors: readonly TaskActor[]): FaultActor[] {
  const armed: FaultActor[] = [];
  for (const fault of faults) {
    const what = ARMS[fault.name]({ k: stage.lab.k, stage, tree, fault, tasks: actors });
    if (what !== null) armed.push({ kind: 'fault', name: fault.text, fault: what, times: fault.times, fired: 0, open: false, path: null });
  }
  return armed;
}
