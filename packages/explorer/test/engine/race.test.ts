import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RACES } from '../../src/engine/choices-of-the-kit.js';
import { rig } from './rig.js';

const folder = new URL('../../races/', import.meta.url);
const names = readdirSync(folder).map(file => file.replace(/\.json$/, ''));
const textOf = (name: string): string => readFileSync(new URL(`${name}.json`, folder), 'utf8');

test.each(names)('the race %s ends as its file says, and has a sentence', async name => {
  expect(RACES[name]).toBeDefined();
  const { client } = rig();
  const view = await client.request('raceOpen', { text: textOf(name), name });
  expect(view.asRecorded).toBe(true);
  expect(view.failures).not.toEqual([]);
});

test('a race is stepped through in either order', async () => {
  const { client } = rig();
  const view = await client.request('raceOpen', { text: textOf('killed-by-vm'), name: 'killed-by-vm' });
  expect(view.pair).toBeNull();
  await expect(client.request('raceOtherwise', {})).rejects.toThrow('no two steps whose order decides');
  const { pair } = await client.request('raceExplain', {});
  expect(pair).not.toBeNull();
  const end = await client.request('raceSeek', { order: 'recorded', step: view.steps.length });
  expect(end.ended?.failures).toEqual(view.failures);
  expect(end.enabled).toEqual([]);
  const middle = await client.request('raceSeek', { order: 'recorded', step: pair!.point - 1 });
  expect(middle.enabled).toContain(view.actors[view.steps[pair!.point - 1]!.actor]);
  const other = await client.request('raceOtherwise', {});
  expect(other.steps.slice(0, pair!.point - 1)).toEqual(view.steps.slice(0, pair!.point - 1));
  expect(other.failures).toEqual([]);
  expect((await client.request('raceSeek', { order: 'otherwise', step: other.steps.length })).ended).toEqual({ text: other.ending, failures: [] });
});

test('a text that is no replay is refused by name', async () => {
  const { client } = rig();
  await expect(client.request('raceOpen', { text: '{', name: 'mine.json' })).rejects.toThrow(/^mine\.json: expected JSON/);
});
