/** All behaviours, in the order of the series. */
import type { Behaviour } from './behaviour.js';
import { pageMove } from './entries/page-move.js';
import { lru } from './entries/lru.js';
import { xfs } from './entries/xfs.js';
import { nodeMaps } from './entries/node-map.js';
import { systemCall } from './entries/system-call.js';
import { scheduler } from './entries/scheduler.js';
import { trees } from './entries/trees.js';
import { captures } from './entries/capture.js';
import { checks } from './entries/checks.js';
import { moving } from './entries/moving.js';
import { afterwards } from './entries/afterwards.js';
import { firstDefects } from './entries/first-defects.js';
import { race } from './entries/race.js';
import { policies } from './entries/policies.js';
import { policyDefects } from './entries/policy-defects.js';
import { mbindControl } from './entries/mbind-control.js';
import { selection } from './entries/selection.js';
import { cpusets } from './entries/cpusets.js';
import { permissions } from './entries/permissions.js';

export const behaviours: readonly Behaviour[] = [
  ...trees, ...pageMove, ...lru, ...xfs, ...nodeMaps, ...systemCall, ...checks, ...scheduler, ...moving, ...afterwards, ...firstDefects, ...race,
  ...policies, ...policyDefects, ...mbindControl, ...selection, ...cpusets, ...permissions,
  ...captures,
];

const byId = new Map(behaviours.map(behaviour => [behaviour.id, behaviour]));

export const findBehaviour = (id: string): Behaviour | undefined => byId.get(id);

/** Those of `among` (default all) whose id or sentence contains every word of `pattern`; `*` in a word stands for anything. No pattern: all. */
export function matching(pattern = '', among = behaviours): readonly Behaviour[] {
  const words = pattern.toLowerCase().split(/\s+/).filter(word => word !== '');
  const tests = words.map(word => new RegExp(word.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')));
  return among.filter(({ id, sentence, kind }) => tests.every(test => test.test(`${kind} ${id} ${sentence}`.toLowerCase())));
}
