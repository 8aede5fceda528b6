/** Puts the differences of an operation to the rules. A difference that no rule is about stays unexplained. */
import { onlyOursChanged, onlyTheirsChanged, ourErr, theirErr, type Case, type Reason, type Rule } from './case.js';
import { cellKey, type Difference } from './difference.js';
import type { Operation } from './operation.js';
import { FEATURE_RULES } from './reasons/features.js';
import { MEMORY_RULES } from './reasons/memory.js';
import { MIGRATE_RULES } from './reasons/migrate.js';
import { POLICY_RULES } from './reasons/policy.js';

/** All rules, in the order in which they are asked. */
export const RULES: readonly Rule[] = [...FEATURE_RULES, ...POLICY_RULES, ...MIGRATE_RULES, ...MEMORY_RULES];

const SUMMARIES: ReadonlySet<Difference['aspect']> = new Set(['anon', 'dirty', 'mapmax', 'nodes']);

/** What an operation can change at all, besides results. */
const EFFECTS: Readonly<Partial<Record<Operation['kind'], readonly Difference['aspect'][]>>> = {
  migrate: ['page', 'nodes', 'policy', 'page policy', 'vm'], movepages: ['page', 'nodes', 'vm'], mbind: ['page', 'page policy', 'vmas', 'vm'],
  setpol: ['policy', 'page policy'], madvise: ['page', 'vmas'], mlock: ['page', 'vmas'], munlock: ['vmas'], mprotect: ['page', 'page permissions', 'vmas'], munmap: ['page', 'page permissions', 'page policy', 'vmas'],
  'cpuset-attach': ['mems', 'policy', 'page policy', 'page', 'nodes', 'vm'], 'cpuset-write': ['mems', 'policy', 'page policy', 'page', 'nodes', 'vm'],
};

/**
 * Where one side refused the operation and did nothing, and the other did it: what is different afterwards is so for the reason that the result is. What the refusing side shows must be
 * what it showed before.
 */
function effectOfResult(d: Difference, c: Case, resultReason: Reason | undefined): Reason | undefined {
  if (resultReason === undefined || c.performed.dead !== undefined || EFFECTS[c.op.kind]?.includes(d.aspect) !== true) return undefined;
  // a policy is the caller's own, or of the process that is migrated or attached
  if (c.op.kind === 'setpol' && d.task !== c.op.actor) return undefined;
  const [theyFailed, weFailed] = [theirErr(c) !== null, ourErr(c) !== null];
  if (theyFailed === weFailed) return undefined;
  if (d.aspect === 'vm') return (theyFailed ? d.theirs : d.ours) === '0' ? resultReason : undefined;
  return (theyFailed ? onlyOursChanged(d, c) : onlyTheirsChanged(d, c)) ? resultReason : undefined;
}

/** Who should have done it is dead here, for a reason given when it died. */
function deadHere(d: Difference, c: Case, given: ReadonlyMap<string, Reason | null>): Reason | undefined {
  const { dead } = c.performed;
  if (dead === undefined || (d.aspect !== 'result' && d.task !== dead)) return undefined;
  return given.get(cellKey({ aspect: 'life', task: dead, place: '', image: false, page: -1 })) ?? undefined;
}

/** Counts of a region differ because some of its pages are there on one side only: by no more than there are such pages, which have a reason themselves. */
function followsFromPages(d: Difference, c: Case, given: ReadonlyMap<string, Reason | null>): Reason | undefined {
  if (!SUMMARIES.has(d.aspect) || d.image) return undefined;
  const there = (page: string): boolean => /^p?\d+$/.test(page);
  const pages = c.differences.filter(other => other.aspect === 'page' && other.task === d.task && other.place === d.place && (d.aspect === 'mapmax' || there(other.theirs) !== there(other.ours)));
  const reason = pages.length === 0 ? undefined : given.get(cellKey(pages[0]!));
  if (reason === undefined || reason === null) return undefined;
  return d.aspect === 'mapmax' || Math.abs(Number(d.theirs) - Number(d.ours)) <= pages.length ? reason : undefined;
}

/**
 * Reasons for differences, null for those that have none.
 * @param fresh differences that this operation brought
 * @param carried reasons of those that were there before, by cell
 */
export function judge(c: Case, fresh: readonly Difference[], carried: ReadonlyMap<string, Reason | null>): (Reason | null)[] {
  const given = new Map(carried);
  const rank = (d: Difference): number => (d.aspect === 'result' ? 0 : SUMMARIES.has(d.aspect) ? 2 : d.aspect === 'vm' ? 3 : 1);
  const order = [...fresh].sort((a, b) => rank(a) - rank(b));
  let resultReason: Reason | undefined;
  for (const d of order) {
    const reason = effectOfResult(d, c, resultReason) ?? deadHere(d, c, given) ?? RULES.find(rule => rule.applies(d, c)) ?? followsFromPages(d, c, given) ?? null;
    if (d.aspect === 'result' && reason !== null) resultReason = reason;
    given.set(cellKey(d), reason);
  }
  return fresh.map(d => given.get(cellKey(d)) ?? null);
}
