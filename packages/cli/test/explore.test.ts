/** pmkit explore and pmkit replay, as their users see them. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { exploreSchema, type ExploreJson } from '../src/explore/json.js';
import { scratch, session, type Answer } from './helpers.js';

const directory = (files: Readonly<Record<string, string>> = {}): string => {
  const made = scratch();
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(made, name), text);
  return made;
};
const pmkit = (args: readonly string[], { cwd = directory(), env = {} }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {}): Promise<Answer> => session({ cwd, env })(args);
const RACE = `tasks: { job: { node: 1 } }
before:
  - job: a = mmap(0, 1P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)
  - job: store(a, 1)
together:
  job: ["load(a, 1)"]
  batchd: ["r = migrate_pages(job, 1, {1}, {2})"]
`;

describe('pmkit explore', () => {
  it('shows endings by level, and fails when one of them is a failure', async () => {
    const { out, code } = await pmkit(['explore', 'killed-by-vm', '--at', '3-4', '--workers', '1']);
    expect(code).toBe(1);
    expect(out).toMatch(/^ +3 +4$/m);
    expect(out).toMatch(/^c +\. +\d+$/m);
    expect(out).toContain('c  job: killed by SIGKILL | batchd: 1\n   ! VM: killing process job\n');
    expect(out).toMatch(/^3: \d+ states, 2 interleavings, exhaustive$/m);
  });
  it('ends with 0 when nothing fails', async () => {
    expect(await pmkit(['explore', 'killed-by-vm-stopped', '--at', '10'])).toMatchObject({ code: 0, err: '' });
  });
  const drawsBar = (err: string): void => {
    expect(err).toMatch(/level 1 of 2.*level 2 of 2/s);
    expect(err.slice(err.lastIndexOf('\r'))).toBe('\r\u001b[K');
  };
  it.each(['states', 'pct'])('finds the same with one thread and with several, and draws how many levels are done on a terminal (%s)', async strategy => {
    const args = ['explore', 'killed-by-vm', '--at', '3-4', '--strategy', strategy, '--json', '--limit', '60'];
    const alone = await pmkit([...args, '--workers', '1']);
    const { err, ...several } = await session({ cwd: directory(), isTTY: true })([...args, '--workers', '2']);
    expect({ ...several, err: '' }).toEqual(alone);
    drawsBar(err);
    const { levels } = exploreSchema.parse(JSON.parse(alone.out)) satisfies ExploreJson;
    expect(levels.map(({ level }) => level)).toEqual([3, 4]);
  });
  it('answers the question of an exists', async () => {
    const cwd = directory({ 'race.yaml': `${RACE}finally: exists (job.node(a) = 2 /\\ r = 1)\n` });
    const { out } = await pmkit(['explore', 'race.yaml', '--at', '3-5', '--workers', '1'], { cwd });
    expect(out).toContain('\nexists (job.node(a) = 2 /\\ r = 1): yes at 4 5, no at 3\n');
    expect(out).toContain('  job: 1 | batchd: 1  (as asked for)\n');
  });
  it('says at which level it fails first', async () => {
    expect((await pmkit(['explore', 'killed-by-vm', '--bisect'], { env: { PMKIT_WORKERS: '1' } })).out).toContain('VM: killing process job: first at level 4\n');
  });
  it('says which locks are taken in an order that can deadlock', async () => {
    const { out } = await pmkit(['explore', 'killed-by-vm', '--at', '3-4', '--locks', '--workers', '1']);
    expect(out).toContain('4: possible recursive locking: mmap_sem -> mmap_sem\n   taken by batchd: r = migrate_pages(job, 1, {1}, {2})\n');
  });
  it('draws how many levels are done on a terminal, with one thread too, and takes it away again', async () => {
    drawsBar((await session({ cwd: directory(), isTTY: true })(['explore', 'killed-by-vm', '--at', '3-4', '--workers', '1'])).err);
  });
  it('refuses a number of threads that is none', async () => {
    expect(await pmkit(['explore', 'killed-by-vm'], { env: { PMKIT_WORKERS: 'all' } })).toMatchObject({ code: 2, out: '', err: 'PMKIT_WORKERS in the environment: found all; expected a whole number from 1 on\n' });
  });
  it('says where a tree does not build', async () => {
    expect(await pmkit(['explore', 'killed-by-vm', '--at', '3+hotplug'])).toMatchObject({ code: 1, out: '', err: expect.stringContaining("too few arguments to function `try_to_migrate_pages'") as string });
  });
  it.each<[string, string, string]>([
    ['a file that is not there', 'none.yaml', 'none.yaml: no such file, and no race of the kit is called so'],
    ['a call that cannot be read', 'bad-call.yaml', "bad-call.yaml:6:19: together.job.0: expected ')', found the end"],
    ['a task that there is not', 'bad-task.yaml', 'bad-task.yaml:6:'],
    ['a condition that cannot be read', 'bad-end.yaml', 'bad-end.yaml:8:'],
    ['a name that nothing has', 'bad-name.yaml', "nothing is called 'z'"],
  ])('%s is misuse', async (_what, file, message) => {
    const cwd = directory({
      'bad-call.yaml': RACE.replace('"load(a, 1)"', '"load(a, 1"'), 'bad-task.yaml': RACE.replace('  job: ["load', '  jib: ["load'),
      'bad-end.yaml': `${RACE}finally: exists (job.state = dead)\n`, 'bad-name.yaml': RACE.replace('"load(a, 1)"', '"load(z, 1)"'),
    });
    const { out, err, code } = await pmkit(['explore', file, '--at', '4'], { cwd });
    expect({ out, code }).toEqual({ out: '', code: 2 });
    expect(err).toContain(message);
  });
});

describe('pmkit replay', () => {
  it('takes the steps again, at the level and at another', async () => {
    const cwd = directory({ 'race.yaml': RACE });
    await pmkit(['explore', 'race.yaml', '--at', '4', '--save', 'r.json'], { cwd });
    const same = await pmkit(['replay', 'r.json'], { cwd });
    expect(same.code).toBe(0);
    expect(same.out).toContain('ends in the same way');
    const lower = await pmkit(['replay', 'r.json', '--at', '3'], { cwd });
    expect(lower.code).toBe(1);
    expect(lower.out).toContain('the runs part at step 1');
  });
  it('does not write over a file', async () => {
    const cwd = directory({ 'race.yaml': RACE, 'r.json': 'mine' });
    expect(await pmkit(['explore', 'race.yaml', '--at', '4', '--save', 'r.json'], { cwd })).toMatchObject({ code: 2, err: expect.stringContaining('r.json') as string });
    expect(readFileSync(path.join(cwd, 'r.json'), 'utf8')).toBe('mine');
  });
  it.each([['no JSON', '{'], ['another format', '{"format":"else"}']])('%s is misuse', async (_what, text) => {
    const { err, code } = await pmkit(['replay', 'r.json'], { cwd: directory({ 'r.json': text }) });
    expect(code).toBe(2);
    expect(err).toContain('r.json');
  });
});

describe('pmkit fuzz', () => {
  it('makes the calls that the seed says, finds listed defects only, and the same the next time', async () => {
    const once = await pmkit(['fuzz', '--at', '10', '--seed', '3', '--calls', '300']);
    expect(once).toMatchObject({ code: 0, err: '' });
    expect(once.out).toMatch(/^level 10, seed 3: \d+ calls in \d+ programs, \d+ of \d+ functions and \d+ of \d+ branches reached, nothing found\n/);
    expect(await pmkit(['fuzz', '--at', '10', '--seed', '3', '--calls', '300'])).toEqual(once);
    expect((await pmkit(['fuzz', '--at', '10', '--seed', '4', '--calls', '300'])).out).not.toBe(once.out.replace('seed 3', 'seed 4'));
  });
  it('lists functions and branches that were not reached', async () => {
    const { out, code } = await pmkit(['fuzz', '--at', '4', '--calls', '20', '--uncovered']);
    expect(code).toBe(0);
    const [summary, ...lines] = out.trimEnd().split('\n');
    const [, functions, allFunctions, branches, allBranches] = /(\d+) of (\d+) functions and (\d+) of (\d+) branches/.exec(summary!)!.map(Number);
    const listed = lines.filter(line => !line.startsWith('  listed defect ')).map(line => / {2}(\S+) {2}(mm-core|p0[1-4]-\S+)\/src\/\S+\.ts:\d+ {2}(never entered|entered only at boot|(?:\d+:\d+ [^,]+(?:, |$))+)$/.exec(line)![3]!);
    const isArms = (text: string): boolean => /^\d/.test(text);
    expect(listed.filter(text => !isArms(text))).toHaveLength(allFunctions! - functions!);
    const arms = listed.filter(isArms).flatMap(text => text.split(', '));
    expect(arms.length).toBeGreaterThan(0);
    expect(arms.length).toBeLessThan(allBranches! - branches!); // those of functions that were not entered are not listed
  });
  it.each([['--seed', '-1'], ['--calls', 'many'], ['--time', '0']])('%s %s is misuse', async (option, value) => {
    expect((await pmkit(['fuzz', option, value])).code).toBe(2);
  });
});
