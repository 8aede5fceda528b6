import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RequestError } from '../../src/engine/client.js';
import type { Position, RunSetup } from '../../src/protocol.js';
import { MOVED, MOVING, rig } from './rig.js';

/** Points of a run, ascending: the ends of steps, and some events within them. */
async function pointsOf(setup: RunSetup): Promise<Position[]> {
  const { client, open } = rig();
  await open(setup);
  const { position: { step: steps } } = await client.request('run', { side: 'a' });
  const points: Position[] = [];
  for (let step = 0; step < steps; step++) {
    points.push({ step, event: 0 });
    const { total } = await client.request('events', { side: 'a', step: step + 1 });
    for (let event = 1 + (step % 5); event <= total; event += 29) points.push({ step, event });
  }
  return [...points, { step: steps, event: 0 }];
}

test.each([['a scenario', MOVING], ['a behaviour', { machine: { kind: 'own' }, tree: '4', script: { kind: 'behaviour', id: 'swap-full' } }]] as const)('rewind equals replay: %s', async (_, setup) => {
  const points = await pointsOf(setup);
  expect(points.length).toBeGreaterThan(10);
  const { client, open } = rig();
  await open(setup);
  const hashAt = async (position: Position): Promise<string> => {
    expect((await client.request('seek', { side: 'a', position })).position).toEqual(position);
    return client.request('hash', { side: 'a' });
  };
  const forward: string[] = [];
  for (const point of points) forward.push(await hashAt(point));
  expect(new Set(forward).size).toBeGreaterThan(points.length / 2);
  const back: string[] = [];
  for (const point of points.toReversed()) back.push(await hashAt(point));
  expect(back.toReversed()).toEqual(forward);
});

test('a unit back is where one was', async () => {
  const { client, open } = rig();
  await open(MOVING);
  await client.request('seek', { side: 'a', position: { step: MOVED - 1, event: 0 } });
  const places: Position[] = [];
  for (let i = 0; i < 5; i++) places.push((await client.request('step', { side: 'a', unit: 'page' })).position);
  // four pages of the job; the fifth event of that kind is behind them
  expect(places.slice(0, 4).every(({ step, event }) => step === MOVED - 1 && event > 0)).toBe(true);
  for (const place of places.slice(0, 4).reverse()) expect((await client.request('back', { side: 'a', unit: 'page' })).position).toEqual(place);
  expect((await client.request('back', { side: 'a', unit: 'call' })).position).toEqual({ step: MOVED - 1, event: 0 });
  const { events, total } = await client.request('events', { side: 'a', step: MOVED });
  expect(events).toHaveLength(total);
  expect(events.filter(({ kind, name }) => kind === 'leave' && name === 'migrate_onepage')).toHaveLength(4);
  // the last event of the step before
  const { position } = await client.request('back', { side: 'a', unit: 'event' });
  expect(position).toEqual({ step: MOVED - 2, event: (await client.request('events', { side: 'a', step: MOVED - 1 })).total });
});

test('the time line knows what comes after the point one went back to', async () => {
  const { client, open } = rig();
  await open(MOVING);
  const end = await client.request('run', { side: 'a' });
  expect(end).toMatchObject({ done: true, position: { step: 9, event: 0 } });
  const known = await client.request('steps', { side: 'a', from: 1, count: 100 });
  await client.request('seek', { side: 'a', position: { step: 2, event: 0 } });
  expect(await client.request('steps', { side: 'a', from: 1, count: 100 })).toEqual(known);
  expect(known.steps[MOVED - 1]).toMatchObject({ who: 'batchd[7]', call: 'migrate_pages(8, 1, {1}, {2})', result: '4' });
});

test('a trace is one of nested begins and ends', async () => {
  const { client, open } = rig();
  await open(MOVING);
  await client.request('run', { side: 'a' });
  const { traceEvents } = JSON.parse(await client.request('chromeTrace', { side: 'a', first: MOVED, last: MOVED })) as { traceEvents: { ph: string; name: string; ts: number; args: { patch?: string } }[] };
  const begun: string[] = [];
  let last = -1;
  for (const { ph, name, ts } of traceEvents.filter(event => event.ph !== 'M')) {
    expect(ts).toBeGreaterThan(last);
    last = ts;
    if (ph === 'B') begun.push(name);
    else expect(begun.pop()).toBe(name);
  }
  expect(begun).toEqual([]);
  expect(traceEvents.find(({ name }) => name === 'migrate_vma')?.args.patch).toBe('sys_migrate_pages-migration-selection-rc3.patch');
  await expect(client.request('chromeTrace', { side: 'a', first: 3, last: 99 })).rejects.toThrow('steps: expected numbers from 1 to 9, found 3 to 99');
});

test('who looks while the machine is on its way sees where it arrives', async () => {
  const { client, open } = rig();
  await open(MOVING);
  const end = client.request('run', { side: 'a' });
  const [played, , hash] = await Promise.all([end, client.request('seek', { side: 'a', position: { step: MOVED - 1, event: 9 } }), client.request('hash', { side: 'a' })]);
  expect((await client.request('standing', { side: 'a' })).position).toEqual({ step: MOVED - 1, event: 9 });
  expect(played.done).toBe(false);
  const [again] = await Promise.all([client.request('hash', { side: 'a' }), client.request('events', { side: 'a', step: 2 })]);
  expect(again).toBe(hash);
});

test('no sequence of requests finds an error of the engine itself, and each is answered', async () => {
  const side = fc.constantFrom('a' as const, 'b' as const);
  const small = fc.integer({ min: -1, max: 12 });
  const unit = fc.constantFrom('event' as const, 'call' as const, 'page' as const);
  const tree = fc.constantFrom('0', '4', '7', '10', '2+hotplug', '5+hotplug', '11', 'x');
  const request = fc.oneof(
    fc.record({ name: fc.constant('seek'), params: fc.record({ side, position: fc.record({ step: small, event: fc.integer({ min: 0, max: 40 }) }) }) }),
    fc.record({ name: fc.constantFrom('step', 'back'), params: fc.record({ side, unit, count: fc.integer({ min: 0, max: 2 }) }) }),
    fc.record({ name: fc.constantFrom('run', 'pause', 'hash', 'tasks', 'series', 'screen', 'setup', 'interrupt', 'close'), params: fc.record({ side }) }),
    fc.record({ name: fc.constant('move'), params: fc.record({ side, to: tree, how: fc.constantFrom('live', 'reboot') }) }),
    fc.record({ name: fc.constant('frames'), params: fc.record({ side, node: small, dimension: fc.constantFrom('kind', 'origin'), level: small, from: small }) }),
    fc.record({ name: fc.constantFrom('lockstepStep', 'lockstepRun', 'raceExplain', 'nothing'), params: fc.constant({}) }),
    fc.record({ name: fc.constantFrom('why', 'addressSpace'), params: fc.record({ side, pid: small }) }),
    fc.record({ name: fc.constantFrom('events', 'type'), params: fc.record({ side, step: small, line: fc.constant('ls') }) }),
  );
  await fc.assert(fc.asyncProperty(fc.array(request, { minLength: 3, maxLength: 12 }), async requests => {
    const { client, open } = rig();
    await open(MOVING, 'a');
    await open({ ...MOVING, tree: '4' }, 'b');
    const answers = await Promise.all(requests.map(({ name, params }) => client.request(name as 'hash', params as { side: 'a' }).then(() => 'ok', (error: unknown) => (error instanceof RequestError ? error.code : 'internal'))));
    expect(answers.filter(code => code === 'internal')).toEqual([]);
  }), { numRuns: 12 });
});
