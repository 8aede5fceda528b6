import { expect, it } from 'vitest';
import { criticalSteps, lanesOf } from '../../src/draw/lanes.js';
import type { RaceStep, RaceView } from '../../src/protocol.js';

const step = (number: number, actor: number, at: string, waitsFor: string | null = null): RaceStep => ({
  number, actor, from: 'user', at, file: 'mm/mmigrate.c', patch: 'base', text: `${actor} goes to ${at}`, call: `call(${actor})`, begins: number === 1, waitsFor, preempted: null, log: [],
});
const view: RaceView = {
  name: 'race', tree: '4', actors: ['job', 'batchd', 'kswapd0'], steps: [step(1, 0, 'handle_mm_fault'), step(2, 1, 'migrate_vma', 'page lock'), step(3, 1, 'try_to_migrate_pages'), step(4, 0, 'do_swap_page')],
  ending: 'killed', failures: [], asRecorded: true, pair: { point: 2, first: 'batchd', comesAt: 4, second: 'job', otherwise: 'both done' },
};

it('gives each task a lane and each step a row, and joins steps where another goes on', () => {
  const { steps, heads, switches, width } = lanesOf(view, 400);
  expect(width).toBe(400);
  expect(heads).toEqual([{ name: 'job', x: 0, width: 200 }, { name: 'batchd', x: 200, width: 200 }]);
  expect(steps.map(({ x }) => Math.floor(x / 200))).toEqual([0, 1, 1, 0]);
  expect(steps.map(({ y }) => y)).toEqual([...steps.map(({ y }) => y)].sort((a, b) => a - b));
  expect(switches).toHaveLength(2);
  expect(steps.filter(({ waits }) => waits).map(({ number }) => number)).toEqual([2]);
});

it('marks the two steps that decide', () => {
  expect([...criticalSteps(view)]).toEqual([2, 4]);
  expect(lanesOf(view, 400).steps.filter(({ isCritical }) => isCritical).map(({ number }) => number)).toEqual([2, 4]);
  expect([...criticalSteps({ ...view, pair: { ...view.pair!, comesAt: null } })]).toEqual([2]);
});
