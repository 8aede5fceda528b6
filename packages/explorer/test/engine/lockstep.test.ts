import { findBehaviour } from '@pmkit/series/catalogue';
import { compareScenario, explain, type Difference } from '@pmkit/series/compare';
import { playScenario } from '@pmkit/series/scenario';
import { parseScenario } from '@pmkit/series/scenario/file';
import { expect, test } from 'vitest';
import type { RunSetup } from '../../src/protocol.js';
import { JOB, MOVED, MOVING, rig } from './rig.js';

const treeOf = (name: string) => ({ level: Number.parseInt(name, 10), hotplug: name.endsWith('+hotplug') });
const scenarioOf = ({ script }: RunSetup) => (script.kind === 'behaviour' ? findBehaviour(script.id)!.scenario : playScenario(parseScenario(script.kind === 'scenario' ? script.text : '', 'it')));

const behaviour = (id: string): RunSetup => ({ machine: { kind: 'own' }, tree: '10', script: { kind: 'behaviour', id } });

test.each([
  [MOVING, '3', '4'], [MOVING, '4', '10'], [MOVING, '8', '9'], [MOVING, '0', '10'],
  [behaviour('mark-whole-file'), '5', '6'], [behaviour('policy-task-bind'), '4', '5'], [behaviour('cpuset-of-target'), '7', '8'], [behaviour('permission-other-user'), '8', '9'], [behaviour('steal-twice'), '0', '1'],
] as const)('two machines part where behaviour-diff says', async (setup, a, b) => {
  const { client, open } = rig();
  await open({ ...setup, tree: a }, 'a');
  await open({ ...setup, tree: b }, 'b');
  const state = await client.request('lockstepRun', {});
  const { parting, end } = compareScenario(scenarioOf(setup), treeOf(a), treeOf(b));
  expect(state.parting).toEqual(parting);
  if (parting !== null) {
    expect(state.a.position).toEqual({ step: parting.step, event: 0 });
    expect(state.b.position).toEqual({ step: parting.step, event: 0 });
  } else expect(state.differences.filter(({ kind }) => kind === 'pages')).toEqual(end.filter(({ kind }: Difference) => kind === 'pages'));
});

test('pages that are not on the same node are told one by one', async () => {
  const { client, open } = rig();
  await open({ ...MOVING, tree: '3' }, 'a');
  await open({ ...MOVING, tree: '10' }, 'b');
  let state = await client.request('lockstepRun', {});
  expect(state.parting?.step).toBe(MOVED);
  expect(state.pageCount).toBe(4);
  expect(state.pages.map(({ pid, nodeA, nodeB }) => [pid, nodeA, nodeB])).toEqual(Array.from({ length: 4 }, () => [JOB, 1, 2]));
  state = await client.request('lockstepStep', {});
  expect(state.parting?.step).toBe(MOVED);
  expect(state.a.position.step).toBe(MOVED + 1);
  await client.request('seek', { side: 'a', position: { step: 1, event: 0 } });
  await expect(client.request('lockstepStep', {})).rejects.toThrow('expected both machines at the same point');
});

test.each(['4', '10'])('why says what pmkit why says, at level %s', async tree => {
  const { client, open } = rig();
  await open({ ...MOVING, tree });
  expect(await client.request('why', { side: 'a', pid: JOB })).toEqual({ step: null, result: null, verdicts: [] });
  await client.request('run', { side: 'a' });
  const { step, result, verdicts } = await client.request('why', { side: 'a', pid: JOB });
  const told = explain(scenarioOf(MOVING), treeOf(tree), { task: 'job' });
  expect({ step, result, verdicts }).toEqual({ step: MOVED, result: told.result, verdicts: told.verdicts });
  const one = await client.request('why', { side: 'a', pid: JOB, address: verdicts[0]!.start, pages: 1 });
  expect(one.verdicts).toEqual([{ ...verdicts[0], end: verdicts[0]!.start + 16384, pages: 1 }]);
});

test('patches are pushed and popped under the running machine, and the run has them when it is done again', async () => {
  const { client, open } = rig();
  await open({ ...MOVING, tree: '3' });
  await client.request('seek', { side: 'a', position: { step: MOVED - 1, event: 0 } });
  const up = await client.request('move', { side: 'a', to: '7', how: 'live' });
  expect(up.moved && up.series.rows.filter(row => row.isApplied).map(row => row.number)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  const end = await client.request('run', { side: 'a' });
  expect((await client.request('steps', { side: 'a', from: MOVED, count: 1 })).steps[0]).toMatchObject({ result: '4' });
  const hash = await client.request('hash', { side: 'a' });
  await client.request('seek', { side: 'a', position: { step: 0, event: 0 } });
  expect((await client.request('standing', { side: 'a' })).tree).toBe('3');
  expect((await client.request('run', { side: 'a' })).position).toEqual(end.position);
  expect(await client.request('hash', { side: 'a' })).toBe(hash);
  const again = rig();
  await again.open(await client.request('setup', { side: 'a' }));
  await again.client.request('run', { side: 'a' });
  expect(await again.client.request('hash', { side: 'a' })).toBe(hash);
});

test('what does not build is told in the words of the compiler, and changes nothing', async () => {
  const { client, open } = rig();
  await open(MOVING);
  await client.request('run', { side: 'a' });
  const before = await client.request('standing', { side: 'a' });
  const answer = await client.request('move', { side: 'a', to: '5+hotplug', how: 'reboot' });
  expect(answer).toMatchObject({ moved: false, why: 'does not build' });
  expect(!answer.moved && answer.message).toContain("too few arguments to function `try_to_migrate_pages'");
  expect(await client.request('standing', { side: 'a' })).toMatchObject({ position: before.position, tree: '10' });
  expect(await client.request('move', { side: 'a', to: '2+hotplug', how: 'live' })).toMatchObject({ moved: false, why: 'needs a reboot' });
  expect(await client.request('move', { side: 'a', to: '2+hotplug', how: 'reboot' })).toMatchObject({ moved: true, standing: { tree: '2+hotplug', position: { step: 0, event: 0 } } });
});
