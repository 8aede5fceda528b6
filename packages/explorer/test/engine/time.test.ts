import { expect, test } from 'vitest';
import type { Position, RunSetup } from '../../src/protocol.js';
import { MOVING, rig } from './rig.js';

/** The state's hash at every point of a run, going forward by event. */
async function hashesForward(setup: RunSetup): Promise<Map<string, string>> {
  const { client, open } = rig();
  let standing = await open(setup);
  const hashes = new Map<string, string>();
  const key = ({ step, event }: Position): string => `${step}.${event}`;
  for (;;) {
    hashes.set(key(standing.position), await client.request('hash', { side: 'a' }));
    if (standing.done) return hashes;
    standing = await client.request('step', { side: 'a', unit: 'event' });
  }
}

test.each([['a scenario', MOVING], ['a behaviour', { machine: { kind: 'own' }, tree: '4', script: { kind: 'behaviour', id: 'zero-page' } }]] as const)('rewind equals replay: %s', async (_, setup) => {
  const forward = await hashesForward(setup);
  expect(forward.size).toBeGreaterThan(10);
  const { client, open } = rig();
  await open(setup);
  await client.request('run', { side: 'a' });
  const points = [...forward.keys()].map(text => text.split('.').map(Number) as [number, number]);
  for (let i = points.length - 1; i >= 0; i -= 7) {
    const [step, event] = points[i]!;
    const { position } = await client.request('seek', { side: 'a', position: { step, event } });
    expect(position).toEqual({ step, event });
    expect(await client.request('hash', { side: 'a' })).toBe(forward.get(`${step}.${event}`));
  }
});
