import { expect, test } from 'vitest';
import type { RunSetup } from '../../src/protocol.js';
import { rig } from './rig.js';

const LINES: RunSetup = {
  machine: { kind: 'uniform', nodes: 4, pagesPerNode: 2048 }, tree: '10',
  script: { kind: 'console', lines: ['numactl --membind=1 workload --stay anon:160k & job=$!', 'sleep 1', 'kill -STOP $job', 'migratepages $job 1 2', 'grep -c N2= /proc/$job/numa_maps'] },
};

test('the console runs its lines, takes more, and is the same when it is done again', async () => {
  const { client, open, notices } = rig();
  await open(LINES);
  const waiting = await client.request('run', { side: 'a' });
  expect(waiting).toMatchObject({ done: false, tree: '10' });
  expect(waiting.prompt).toMatch(/^\[10 N1\.2-.*\] root:~# $/);
  const hash = await client.request('hash', { side: 'a' });
  const text = async (): Promise<string> => (await client.request('screen', { side: 'a' })).map(output => output.text).join('');
  expect(await text()).toMatch(/migratepages \$job 1 2\n.*grep -c N2= \/proc\/\$job\/numa_maps\n\d+\n$/s);

  const typed = await client.request('type', { side: 'a', line: 'cat /proc/uptime; jobs' });
  expect(typed.prompt).not.toBeNull();
  expect(await text()).toContain('Stopped');
  expect(notices.some(notice => notice.notice === 'console' && notice.output.text.includes('Stopped'))).toBe(true);
  expect((await client.request('setup', { side: 'a' })).script).toMatchObject({ lines: { length: 6 } });

  const migration = (await client.request('steps', { side: 'a', from: 1, count: 10_000 })).steps.find(({ call }) => call.startsWith('migrate_pages('))!;
  const job = Number(/\d+/.exec(migration.call)![0]);
  const why = await client.request('why', { side: 'a', pid: job });
  expect(why.step).toBe(migration.number);
  expect(why.verdicts.filter(({ from, to, moved }) => from === 1 && to === 2 && moved).reduce((sum, { pages }) => sum + pages, 0)).toBe(Number(migration.result));

  // within the call: some pages are there and some are not
  const { events } = await client.request('events', { side: 'a', step: migration.number });
  const ends = events.filter(({ kind, name }) => kind === 'leave' && name === 'migrate_onepage');
  const position = { step: migration.number - 1, event: ends[4]!.number };
  expect(await client.request('seek', { side: 'a', position })).toMatchObject({ position, at: { name: 'migrate_onepage' } });
  const half = await client.request('hash', { side: 'a' });
  const { vmas } = await client.request('addressSpace', { side: 'a', pid: job });
  expect(vmas.reduce((sum, { byNode }) => sum + (byNode[2] ?? 0), 0)).toBeLessThan(ends.length);
  await client.request('step', { side: 'a', unit: 'event' });
  expect((await client.request('back', { side: 'a', unit: 'event' })).position).toEqual(position);
  expect(await client.request('hash', { side: 'a' })).toBe(half);

  const again = rig();
  await again.open(LINES);
  await again.client.request('run', { side: 'a' });
  expect(await again.client.request('hash', { side: 'a' })).toBe(hash);
});

test('completion and Ctrl-C', async () => {
  const { client, open } = rig();
  await open({ ...LINES, script: { kind: 'console', lines: [] } });
  await client.request('run', { side: 'a' });
  expect(await client.request('complete', { side: 'a', line: 'migratep' })).toEqual({ candidates: ['migratepages'], word: 'migratep' });
  const endless = client.request('type', { side: 'a', line: 'while true; do sleep 1; done' });
  while ((await client.request('standing', { side: 'a' })).position.step < 50) await new Promise(resolve => { setImmediate(resolve); });
  await client.request('interrupt', { side: 'a' });
  expect((await endless).prompt).not.toBeNull();
});

test('patches pushed under the console, and popped by it, are a part of the run', async () => {
  const { client, open } = rig();
  await open({ ...LINES, tree: '3' });
  await client.request('seek', { side: 'a', position: { step: 15, event: 0 } });
  expect(await client.request('move', { side: 'a', to: '7', how: 'live' })).toMatchObject({ moved: true, standing: { tree: '7', position: { step: 15, event: 0 } } });
  await client.request('run', { side: 'a' });
  const up = await client.request('move', { side: 'a', to: '9', how: 'live' });
  expect(up.moved && up.standing.prompt).toMatch(/^\[9 /);
  expect(await client.request('type', { side: 'a', line: 'quilt pop' })).toMatchObject({ tree: '8' });
  const hash = await client.request('hash', { side: 'a' });
  const screen = await client.request('screen', { side: 'a' });
  await client.request('seek', { side: 'a', position: { step: 0, event: 0 } });
  expect((await client.request('standing', { side: 'a' })).tree).toBe('3');
  expect(await client.request('run', { side: 'a' })).toMatchObject({ tree: '8' });
  expect(await client.request('hash', { side: 'a' })).toBe(hash);
  expect(await client.request('screen', { side: 'a' })).toEqual(screen);
});
