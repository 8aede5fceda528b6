/** From the plan of a call to its arguments, on both sides. */
import { injectError, replaceSymbol } from '@pmkit/linker';
import { BAD_POINTER, NO_RESULT, syscall, type UserU32Array } from '@pmkit/mm-core';
import type { Call, UserArray } from '../model/situation.js';
import type { CallSpec, Odd } from './cases.js';
import type { Scene } from './scene.js';

const MIGRATE_PAGES = 1279;
const SIGSEGV = 11;
/** migrate_policy() is linked from this level on. */
const POLICY_LEVEL = 5;
/** Nobody: pid 0 is hashed nowhere, the others are too large and too small. */
const NOBODY = [0, 99_999, -1];
/** Which calls are aimed at a task; the others at a kernel thread or at nobody. */
const TASK_PICKS = 48;

/** The call with what is put wrong about it, and which of the three arrays has no memory. */
export interface Planned { readonly call: Call; readonly array: number }

interface Draft { count: number; old: number[]; fresh: number[]; oldPointer: Pointer; newPointer: Pointer; noMemoryFor: Call['noMemoryFor']; array: number }
type Pointer = 'good' | 'null' | 'bad' | 'short';

export function plan(scene: Scene, spec: CallSpec): Planned {
  const { situation, jobs, root, user } = scene;
  const targets = [...jobs, ...jobs, ...jobs, ...jobs, ...jobs, user, root];
  const target = spec.target < TASK_PICKS ? targets[spec.target % targets.length]! : null;
  const others = [situation.tasks.at(-1)!.pid, ...NOBODY];
  const caller = spec.caller === 'root' ? root : spec.caller === 'user' ? user : target === null || target.vmas === null ? root : target;
  const draft: Draft = { count: 0, ...pairsOf(scene, spec), oldPointer: 'good', newPointer: 'good', noMemoryFor: null, array: 0 };
  draft.count = draft.old.length;
  for (const odd of spec.odd) spoil(draft, odd);
  return {
    call: {
      caller, pid: target === null ? others[(spec.target - TASK_PICKS) % others.length]! : target.pid, count: draft.count,
      oldNodes: userArray(draft.old, draft.oldPointer), newNodes: userArray(draft.fresh, draft.newPointer), noMemoryFor: draft.noMemoryFor,
    },
    array: draft.array,
  };
}

function pairsOf({ situation: { nodes } }: Scene, { split, pairs }: CallSpec): { old: number[]; fresh: number[] } {
  const ids = nodes.map(node => node.id);
  const to = ids.filter((_, i) => (split & (1 << i)) !== 0);
  const from = ids.filter(id => !to.includes(id));
  if (to.length === 0) to.push(from.pop()!);
  if (from.length === 0) from.push(to.shift()!);
  if (pairs.length === 0) return { old: from, fresh: from.map((_, i) => to[i % to.length]!) };
  /* Nodes that do not exist may be left, too. */
  const all = [...from, ...from, 250];
  return { old: pairs.map(([a]) => all[a % all.length]!), fresh: pairs.map(([, b]) => to[b % to.length]!) };
}

function spoil(draft: Draft, odd: Odd): void {
  switch (odd.what) {
    case 'count':
      draft.count = odd.to;
      break;
    case 'pointer':
      if (odd.of !== 'new') draft.oldPointer = odd.to;
      if (odd.of !== 'old') draft.newPointer = odd.to;
      break;
    case 'value':
      (odd.of === 'old' ? draft.old : draft.fresh)[odd.at % draft.old.length] = odd.to;
      break;
    case 'overlap':
      draft.old.push(draft.fresh[0]!);
      draft.fresh.push(draft.fresh[0]!);
      draft.count = draft.old.length;
      break;
    case 'all pairs':
      for (let i = 0; draft.old.length < odd.count; i++) {
        draft.old.push(draft.old[i]!);
        draft.fresh.push(draft.fresh[i]!);
      }
      draft.count = odd.count;
      break;
    case 'no memory':
      draft.noMemoryFor = odd.at < 0 ? 'arrays' : odd.at;
      draft.array = -odd.at - 1;
  }
}
function userArray(values: number[], pointer: Pointer): UserArray {
  if (pointer === 'null') return null;
  return pointer === 'bad' ? 'bad' : pointer === 'short' ? values.slice(0, -1) : values;
}

const toUser = (array: UserArray): UserU32Array => (array === null ? null : array === 'bad' ? BAD_POINTER : Uint32Array.from(array));

/** Makes the call on the machine. @returns its result; 'died', or in which state the caller is that did not come back */
export function perform(scene: Scene, { call, array }: Planned): number | string {
  const { k } = scene;
  const caller = scene.simOf(call.caller);
  const restore = withoutMemory(scene, call, array);
  const result = syscall(k, caller, MIGRATE_PAGES, call.pid, call.count, toUser(call.oldNodes), toUser(call.newNodes));
  restore();
  if (result !== NO_RESULT) return result;
  return caller.exit_code === SIGSEGV ? 'died' : `did not return (${caller.state})`;
}

/** kmalloc() fails for one of the arrays of the call, or for the n-th policy that it rewrites. */
function withoutMemory({ k, situation }: Scene, { noMemoryFor: what }: Call, array: number): () => void {
  if (what === null) return () => undefined;
  if (what === 'arrays') return injectError(k, 'kmalloc', 0, { after: array, times: 1 });
  if (situation.level < POLICY_LEVEL) return () => undefined;
  const { migrate_policy: real } = k as unknown as { readonly migrate_policy: (this: object, old: unknown, map: unknown) => unknown };
  let policies = 0;
  return replaceSymbol(k, 'migrate_policy', (old: unknown, map: unknown): unknown => {
    if (policies++ !== what) return real.call(k, old, map);
    const restore = injectError(k, 'kmalloc', 0);
    const result = real.call(k, old, map);
    restore();
    return result;
  });
}
