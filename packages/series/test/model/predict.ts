/**
 * The independent model of migrate_pages(): what the call returns and what becomes of pages and policies, at every level of the series.
 *
 * Written from what the mails say, with its own few constants, and shares no line with the simulated kernel, so that it cannot share a
 * mistake with it either. What order the checks come in at each level:
 *
 *     4 … 9   EINVAL (count)  ENOMEM (arrays)  EFAULT  EINVAL (nodes, pair by pair)  EINVAL (both old and new)  ESRCH
 *     9       EPERM
 *     4 … 9   EINVAL (no memory)
 *     8, 9    EINVAL (cpusets)
 *     5 … 9   ENOMEM (policy of the task); then for each vma ENOMEM (its policy), and at every level what its pages come to
 */
import { isSelected, migrateVma } from './pages.js';
import { rewriteTaskPolicy, rewriteVmaPolicy, type NodeMap } from './policies.js';
import { DEFECTS, type Call, type DefectId, type Outcome, type Situation, type Task, type UserArray } from './situation.js';
import { Ended, Verdict } from './verdict.js';

const EPERM = 1;
const ESRCH = 3;
const ENOMEM = 12;
const EFAULT = 14;
const EINVAL = 22;
const ENOSYS = 38;
/** Node ids are below it, and no more pairs can be given. */
const MAX_NODES = 256;
const CAP_SYS_ADMIN = 21;

/** The patches that add the call, policies, the cpuset check and the permission check. */
const CALL_LEVEL = 4;
const POLICY_LEVEL = 5;
const CPUSET_LEVEL = 8;
const PERMISSION_LEVEL = 9;

const ALL_DEFECTS: ReadonlySet<DefectId> = new Set(DEFECTS);

/** What a call comes to. Changes `situation` as the call does; pages and policies are in it. */
export function predict(situation: Situation, call: Call, listed: ReadonlySet<DefectId> = ALL_DEFECTS): Outcome {
  const verdict = new Verdict(listed, call);
  try {
    return verdict.outcome(migrate(situation, call, verdict));
  } catch (error) {
    if (error instanceof Ended) return verdict.outcome(error.result);
    throw error;
  }
}

function migrate(situation: Situation, call: Call, verdict: Verdict): number {
  const { level, config } = situation;
  if (level < CALL_LEVEL || !config.migrate) return -ENOSYS;
  const { map, newNodes } = readPairs(situation, call);
  const target = targetOf(situation, call, newNodes);
  if (level >= POLICY_LEVEL) rewriteTaskPolicy(situation, target, map, verdict);
  let count = 0;
  for (const vma of target.vmas!) {
    const selected = isSelected(level, vma);
    if (level >= POLICY_LEVEL && (selected || (vma.policy !== null && verdict.decidedBy('unmigrated-vma')))) rewriteVmaPolicy(situation, vma, map, verdict);
    if (selected) count += migrateVma(situation, call.caller, vma, map, verdict);
  }
  return count;
}

/** The first `count` numbers of an array; the kernel takes them for ints, but what turns negative is no node either way. @throws {Ended} when they cannot be read */
function readNodes(array: UserArray, count: number): number[] {
  if (array === null || array === 'bad' || array.length < count) throw new Ended(-EFAULT);
  return array.slice(0, count);
}
const isNode = (value: number): boolean => value < MAX_NODES;

/** What the arguments say by themselves. A node that is given twice goes where its last pair says. */
function readPairs({ nodes }: Situation, call: Call): { map: NodeMap; newNodes: readonly number[] } {
  const count = call.count >>> 0;
  if (count < 1 || count > MAX_NODES) throw new Ended(-EINVAL);
  if (call.noMemoryFor === 'arrays') throw new Ended(-ENOMEM);
  const oldNodes = readNodes(call.oldNodes, count);
  const newNodes = readNodes(call.newNodes, count);
  const online = new Set(nodes.map(node => node.id));
  const map = new Map<number, number>();
  for (const [i, oldNode] of oldNodes.entries()) {
    /* Old nodes need not be online in -rc3. */
    if (!isNode(oldNode) || !online.has(newNodes[i]!)) throw new Ended(-EINVAL);
    map.set(oldNode, newNodes[i]!);
  }
  if (newNodes.some(node => map.has(node))) throw new Ended(-EINVAL);
  return { map, newNodes };
}

/** The task, when it may be migrated by this caller to these nodes. */
function targetOf({ level, tasks }: Situation, { caller, pid }: Call, newNodes: readonly number[]): Task {
  const target = tasks.find(task => task.pid === pid);
  if (target === undefined) throw new Ended(-ESRCH);
  if (level >= PERMISSION_LEVEL && !mayMigrate(caller, target)) throw new Ended(-EPERM);
  if (target.vmas === null) throw new Ended(-EINVAL);
  const allowed = (task: Task): boolean => newNodes.every(node => task.mems.includes(node));
  if (level >= CPUSET_LEVEL && !(allowed(target) && allowed(caller))) throw new Ended(-EINVAL);
  return target;
}

function mayMigrate(caller: Task, target: Task): boolean {
  const theirs = [target.suid, target.uid];
  return theirs.includes(caller.euid) || theirs.includes(caller.uid) || caller.capabilities.includes(CAP_SYS_ADMIN);
}
