import { readFileSync } from 'node:fs';
import path from 'node:path';
import { behaviours, changesOf, expected, type Behaviour } from '@pmkit/series/catalogue';
import { migrationSeries } from '@pmkit/series/stack';
import { describe, expect, it } from 'vitest';
import { bisectSchema } from '../src/schemas.js';
import { session } from './helpers.js';

const TOP = 10;
const LEVELS = Array.from({ length: TOP + 1 }, (_, level) => level);
const patchAt = (level: number): string => migrationSeries.entries.find(({ number }) => number === level)!.name;
const shows = (behaviour: Behaviour, level: number): string => expected(behaviour, { level, hotplug: false });
const endsDiffer = (behaviour: Behaviour): boolean => shows(behaviour, 0) !== shows(behaviour, TOP);

/** Some behaviour of the catalogue that changes as it is wanted here. */
function some(fits: (behaviour: Behaviour, changes: readonly number[]) => boolean): { readonly behaviour: Behaviour; readonly id: string; readonly changes: readonly number[] } {
  const behaviour = behaviours.find((one) => fits(one, changesOf(one)));
  if (behaviour === undefined) throw new Error('no behaviour of the catalogue changes like that');
  return { behaviour, id: behaviour.id, changes: changesOf(behaviour) };
}

describe('bisect --behaviour', () => {
  it('tells the patch that changes it, and what was seen at every level', async () => {
    const { behaviour, id } = some((_, changes) => changes.join() === '4');
    const { code, out, err } = await session()(`bisect --behaviour ${id}`);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`\n${patchAt(4)} is the first bad patch\n`);
    for (const level of LEVELS) expect(out.split('\n')).toContainEqual(expect.stringMatching(new RegExp(`^\\[${level}\\] +${level < 4 ? 'good' : 'bad'} `)));
    expect(out).toContain(shows(behaviour, TOP));
    expect(out).toMatch(/\nAll levels looked at: good below, bad from there on\.\n$/);
  });

  it('as JSON', async () => {
    const { behaviour, id, changes } = some((_, { 0: first, length }) => length === 1 && first! > 4);
    const first = changes[0]!;
    const { code, out } = await session()(`bisect --behaviour=${id} --json`);
    const result = bisectSchema.parse(JSON.parse(out));
    expect(code).toBe(0);
    expect(result).toMatchObject({ hotplug: false, firstBad: { level: first, patch: patchAt(first) }, monotone: true, changes });
    expect(result.levels.map(({ signature }) => signature)).toEqual(LEVELS.map((level) => shows(behaviour, level)));
  });

  it('that looks different at several levels is not monotone, and the first of them is found with --any-failure', async () => {
    const { id, changes } = some((behaviour, { length }) => length === 2 && endsDiffer(behaviour));
    const doubtful = await session()(`bisect --behaviour ${id} --json`);
    expect(doubtful.code).toBe(2);
    expect(JSON.parse(doubtful.out)).toMatchObject({ firstBad: null, monotone: false, changes });
    expect(JSON.parse((await session()(`bisect --behaviour ${id} --any-failure --json`)).out)).toMatchObject({ firstBad: { level: changes[0] }, monotone: true });
  });

  it('that never changes is said to be the same', async () => {
    const { behaviour, id } = some((_, { length }) => length === 0);
    expect(await session()(`bisect --behaviour ${id}`)).toEqual({ code: 1, out: '', err: `pmkit bisect: ${id} is the same at level 0 and at level 10: ${shows(behaviour, 0)}\n` });
  });

  it('that comes and goes is said to do so, and can be looked for where it does', async () => {
    const { behaviour, id, changes } = some((one, { length }) => length === 2 && !endsDiffer(one));
    const [comes, goes] = changes as [number, number];
    const { code, err } = await session()(`bisect --behaviour ${id}`);
    expect(code).toBe(1);
    const range = goes - comes === 1 ? String(comes) : `${comes}–${goes - 1}`;
    expect(err).toContain(`\nOther things are seen between; say --good and --bad for one of the changes:\n  ${range}: ${shows(behaviour, comes)}\n`);
    expect((await session()(`bisect --behaviour ${id} --bad ${goes - 1}`)).out).toContain(`${patchAt(comes)} is the first bad patch`);
    expect((await session()(`bisect --behaviour ${id} --good ${comes}`)).out).toContain(`${patchAt(goes)} is the first bad patch`);
  });

  it('with the hotplug patches a change at a level that does not build is a range', async () => {
    const { id } = some((behaviour, changes) => changes.join() === '5' && behaviour.hotplug === undefined);
    const { code, out } = await session()(`bisect --behaviour ${id} --hotplug`);
    expect(code).toBe(2);
    expect([...out.matchAll(/^ {2}\[(\d+)\] /gm)].map(([, level]) => Number(level))).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
    expect(out).toMatch(/^\[5\] +does not build$/m);
  });

  it('leaves a session that is under way alone', async () => {
    const pmkit = session();
    await pmkit('bisect start 9 2');
    const files = (): string[] => ['bisect-log', 'applied-patches'].map((file) => readFileSync(path.join(pmkit.cwd, '.pmkit', file), 'utf8'));
    const before = files();
    expect((await pmkit(`bisect --behaviour ${some((_, changes) => changes.join() === '4').id}`)).code).toBe(0);
    expect(files()).toEqual(before);
  });

  it.each([
    ['--behaviour mlocked', 2, 'no behaviour is called mlocked\nDid you mean one of these?\n  mlocked-'],
    ['--behaviour zzz', 2, 'pmkit bisect: no behaviour is called zzz\n'],
    ['--behaviour', 2, "option '--behaviour <id>' argument missing"],
    ['--behaviour syscall-1279 x', 2, "unexpected argument 'x'"],
    ['--behaviour syscall-1279 --good 7 --bad 4', 2, '--good 7: expected a level below the bad one, 4'],
    ['--behaviour syscall-1279 --good zzz', 2, 'Patch zzz is not in series'],
    ['--behaviour syscall-1279 --hotplug --good 4', 1, 'level 4 was given as good, and is one that does not build'],
    ['--json', 2, 'Usage: pmkit bisect'],
    ['good --json 3', 2, 'pmkit bisect good: the options are for run and --behaviour'],
    ['bad --no-verify', 2, 'pmkit bisect bad: the options are for run and --behaviour'],
  ])('bisect %s says what is wrong', async (words, code, message) => {
    expect(await session()(`bisect ${words}`)).toMatchObject({ code, out: '', err: expect.stringContaining(message) as string });
  });
});
