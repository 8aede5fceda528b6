import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SCRIPTS } from '../../src/engine/choices-of-the-kit.js';
import { setupOf, type PageState } from '../../src/engine/permalink.js';
import { TOUR } from '../../src/engine/tour.js';
import type { RunSetup, Script } from '../../src/protocol.js';
import { rig } from './rig.js';

const overview = (): string => readFileSync(new URL('../../../../scenarios/overview.sh', import.meta.url), 'utf8');
const USUAL: RunSetup = { machine: { kind: 'preset', name: 'pmkit' }, tree: '10', script: { kind: 'console', lines: [] } };

function scriptNamed(name: string): Script | undefined {
  const script = SCRIPTS.find(offered => offered.name === name)?.script;
  return typeof script === 'function' ? script(overview()) : script;
}

/** A machine at a stop of the tour. */
async function stopAt(state: PageState) {
  const { client, open } = rig();
  await open(setupOf(state, USUAL, scriptNamed));
  const standing = await client.request('seek', { side: 'a', position: state.position! });
  return { client, standing };
}

test('the tour has twelve stops, and each is a point of a run', async () => {
  expect(TOUR).toHaveLength(12);
  // consoles take a second each, and are tried by a test of their own
  for (const { title, state } of TOUR.filter(stop => setupOf(stop.state, USUAL, scriptNamed).script.kind === 'scenario')) {
    const { client, standing } = await stopAt(state);
    expect(standing.position, title).toEqual(state.position);
    expect((await client.request('tasks', { side: 'a' })).find(({ pid }) => pid === state.pid)?.comm, title).toBe('job');
  }
});

test('what the tour tells is so', async () => {
  const [, , , , refused, moved, , marked, goesOn] = TOUR;
  expect((await stopAt(refused!.state)).standing.last).toMatchObject({ who: 'urgent[9]', result: '-EPERM' });
  const there = await stopAt(moved!.state);
  expect(there.standing.last).toMatchObject({ who: 'batchd[7]', result: '32' });
  const legend = await there.client.request('legend', { side: 'a', dimension: 'origin' });
  expect(legend.classes.find(({ node }) => node === 2)?.frames).toBe(0);
  const { vmas } = await there.client.request('addressSpace', { side: 'a', pid: 8 });
  expect(vmas.map(({ name, byNode }) => [name, byNode])).toEqual([['', { 2: 12, 3: 12 }], ['/data/result', { 2: 4, 3: 4 }], ['/data/table', { 0: 4, 1: 4 }]]);
  expect((await stopAt({ ...marked!.state, position: { step: 15, event: 0 } })).standing.last).toMatchObject({ result: '40' });
  const onwards = await stopAt(goesOn!.state);
  expect((await onwards.client.request('addressSpace', { side: 'a', pid: 8 })).vmas.at(-1)).toMatchObject({ policy: 'interleave:2-3', byNode: { 2: 4, 3: 4 } });
  // patch 4 alone: anybody may, all is moved, and policies stay behind
  const first = await stopAt(TOUR[9]!.state);
  expect((await first.client.request('steps', { side: 'a', from: 13, count: 1 })).steps[0]).toMatchObject({ who: 'urgent[9]', result: '40' });
  expect((await first.client.request('addressSpace', { side: 'a', pid: 8 })).vmas.map(({ byNode }) => byNode)).toEqual([{ 2: 12, 3: 12 }, { 2: 4, 3: 4 }, { 2: 4, 3: 4 }, { 0: 4, 1: 4 }]);
  const without = await stopAt({ ...refused!.state, tree: '8' });
  expect(without.standing.last).toMatchObject({ who: 'urgent[9]', result: '32' });
});
