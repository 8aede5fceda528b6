/** The overview's job on machines that are small enough to look at every number. */
import { describe, expect, it } from 'vitest';
import { TOP_LEVEL } from '@pmkit/series/levels';
import { altix64, defineTopology, planStory, playStory, totalByNode, VMA_KINDS, type Plan, type VmaKind, type StoryResult, type Topology } from '../../src/index.js';
import { uniformDistances } from '../../src/topology/topology.js';

const MB = 2 ** 20;
/** As many nodes of 64 MB (4096 pages) with two CPUs each. */
const nodes = (count: number): Topology =>
  defineTopology({ name: `${count} nodes`, nodes: Array.from({ length: count }, (_, id) => ({ id, memory: 64 * MB, cpus: [2 * id, 2 * id + 1] })), distances: uniformDistances(count, 20) });
const twelve = nodes(12);
const plan = planStory(twelve);
const silent = { progress: () => undefined, clock: () => 0 };
const play = (level: number, topology = twelve, aPlan = plan): StoryResult => playStory(level, topology, aPlan, silent);

const on = (pages: Float64Array, ids: readonly number[]): number => ids.reduce((sum, id) => sum + pages[id]!, 0);
const all = (pages: Float64Array): number => pages.reduce((sum, count) => sum + count, 0);

describe('the plan', () => {
  it("puts the job on the overview's nodes 5 to 8 and moves it to as many others", () => {
    expect(plan.from).toEqual([5, 6, 7, 8]);
    expect(plan.to).toHaveLength(4);
    expect(plan.to.filter(node => plan.from.includes(node) || node === plan.scheduler)).toEqual([]);
  });
  it('takes what nodes there are on a smaller machine', () => {
    expect(planStory(nodes(2))).toMatchObject({ from: [0], to: [1] });
    expect(planStory(nodes(3))).toMatchObject({ scheduler: 0, from: [1], to: [2] });
    expect(planStory(nodes(9))).toMatchObject({ from: [5, 6, 7, 8], to: [1, 2, 3, 4] });
  });
  it('gives each process of the job on the Altix about a gigabyte', () => {
    expect((planStory(altix64).anonymous * 16384) / 2 ** 30).toBeGreaterThan(0.9);
  });
  it('refuses a machine with one node, and one without room, in words that name it', () => {
    expect(() => planStory(nodes(1))).toThrow(/^topology 1 nodes: the story needs two nodes with memory and CPUs, found 1$/);
    const tiny = defineTopology({ name: 'tiny', nodes: [0, 1].map(id => ({ id, memory: 16384 * 32, cpus: [id] })), distances: uniformDistances(2, 20) });
    expect(() => planStory(tiny)).toThrow(/^topology tiny: nodes 0 have no room for 8 processes/);
  });
});

describe.each([0, 1, 2, 3])('level %i, before there is a migrate_pages()', level => {
  const result = play(level);
  it('answers every call with -ENOSYS', () => {
    expect(result.calls.map(call => call.result)).toEqual(Array(plan.processes).fill(-38));
  });
  it('leaves every page where it is, and what it holds', () => {
    expect(result.after.byKind).toEqual(result.before.byKind);
    expect(result.lost).toBe(0);
    expect(result.compared).toBeGreaterThan(plan.processes * plan.anonymous);
  });
});

/** What patch 7 leaves where it is: text, and what is mapped read-only; but of the read-only files only the locale, as the table is marked. */
const LEFT_BY_PATCH_7: Readonly<Partial<Record<VmaKind, number>>> = { 'program text': Infinity, 'library text': Infinity, 'read-only file': 1 };

describe.each(Array.from({ length: TOP_LEVEL - 3 }, (_, i) => 4 + i))('level %i', level => {
  const result = play(level);
  const [before, after, later] = [result.before, result.after, result.later].map(totalByNode) as [Float64Array, Float64Array, Float64Array];
  const left = (kind: VmaKind): number => Math.min(level < 7 ? 0 : LEFT_BY_PATCH_7[kind] ?? 0, all(result.before.byKind[kind]));
  const leftInAll = VMA_KINDS.reduce((sum, kind) => sum + left(kind), 0);

  it('starts with the whole job on its nodes', () => {
    expect(on(before, plan.from)).toBe(all(before));
    expect(result.before.byKind.anonymous.reduce((sum, pages) => sum + pages, 0)).toBeGreaterThanOrEqual(plan.processes * plan.anonymous);
  });
  it('moves all that is selected, and counts each page for the first process that has it', () => {
    expect(result.calls.every(call => call.result > plan.anonymous)).toBe(true);
    expect(result.calls.reduce((sum, call) => sum + call.result, 0)).toBe(all(before) - leftInAll);
    expect(on(after, plan.from)).toBe(leftInAll);
    expect(on(after, plan.to)).toBe(all(before) - leftInAll);
  });
  it.each(VMA_KINDS)('moves %s from the n-th old node to the n-th new one, or leaves it as patch 7 wants', kind => {
    const [was, is] = [result.before.byKind[kind], result.after.byKind[kind]];
    expect(all(was)).toBeGreaterThan(0);
    expect(on(is, plan.from)).toBe(left(kind));
    expect(plan.to.map((node, i) => is[node]! + is[plan.from[i]!]!)).toEqual(plan.from.map(node => was[node]));
  });
  it('loses nothing and swaps nothing out', () => {
    expect({ lost: result.lost, swapped: result.after.swapped, log: result.log }).toEqual({ lost: 0, swapped: 0, log: [] });
    expect(result.compared).toBeGreaterThanOrEqual(all(before));
  });
  it('goes on: what the job touches next lands on its new nodes', () => {
    expect(on(later, plan.from)).toBe(leftInAll);
    expect(on(later, plan.to)).toBeGreaterThan(on(after, plan.to));
  });
});

describe('what goes on around the move', () => {
  const results = Array.from({ length: TOP_LEVEL + 1 }, (_, level) => play(level));
  const from = (changes: Readonly<Record<number, unknown>>): unknown[] => {
    let value: unknown;
    return results.map((_, level) => (value = changes[level] ?? value));
  };

  it('the policies of the job are rewritten from patch 5 on', () => {
    expect(plan.to).toEqual([3, 4, 9, 10]);
    const old = Array.from({ length: 8 }, (_, rank) => (rank % 2 === 0 ? 'interleave=5-8' : `prefer=${plan.from[rank % 4]!}`));
    const moved = Array.from({ length: 8 }, (_, rank) => (rank % 2 === 0 ? 'interleave=3-4,9-10' : `prefer=${plan.to[rank % 4]!}`));
    expect(results.map(({ policies }) => policies.before)).toEqual(results.map(() => old));
    expect(results.map(({ policies }) => policies.after)).toEqual(from({ 0: old, 5: moved }));
  });
  it('the table can be marked from patch 6 on', () => {
    expect(results.map(({ acts }) => acts.mark)).toEqual(from({ 0: -22, 6: 0 }));
  });
  it('the cpuset of the job counts from patch 8 on: the first call is refused until it has the new nodes', () => {
    expect(results.map(({ acts }) => (acts.early > 0 ? 'pages' : acts.early))).toEqual(from({ 0: -38, 4: 'pages', 8: -22 }));
  });
  it('a stranger moves the urgent job about until patch 9', () => {
    expect(results.map(({ acts }) => (acts.stranger > 0 ? 'pages' : acts.stranger))).toEqual(from({ 0: -38, 4: 'pages', 9: -1 }));
  });
});

describe('the story', () => {
  it('comes out the same every time', () => {
    expect(play(TOP_LEVEL)).toEqual(play(TOP_LEVEL));
  });
  it('loses nothing either when the job does not fit on its nodes and spills over to others', () => {
    const greedy: Plan = { ...plan, anonymous: plan.anonymous * 4 };
    const result = play(TOP_LEVEL, twelve, greedy);
    const before = totalByNode(result.before);
    expect(on(before, plan.from)).toBeLessThan(all(before));
    expect(result.lost).toBe(0);
    expect(result.compared).toBeGreaterThan(greedy.processes * greedy.anonymous);
  });
});
