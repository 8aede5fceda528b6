/** A patch, checked. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { race } from '@pmkit/explore';
import { behaviours, type Behaviour } from '@pmkit/series/catalogue';
import { migrationSeries, type PatchEntry } from '@pmkit/series/stack';
import { describe, expect, it } from 'vitest';
import { checkPatch, patchOfMail, type Check, type CheckCase, type CheckId, type CheckOptions, type CheckReport } from '../../src/check/index.js';
import { sourcesOf } from '../../src/source/tree.js';

const { entries } = migrationSeries;
const named = (word: string): PatchEntry => entries.find(({ name, number }) => String(number) === word || name.startsWith(word))!;
const check = (word: string, options: CheckOptions = {}): Promise<CheckReport> => checkPatch(entries, named(word), options);
const part = ({ checks }: CheckReport, id: CheckId): Check => checks.find(found => found.id === id)!;
const odd = (report: CheckReport, id: CheckId): readonly CheckCase[] => part(report, id).cases.filter(({ status }) => status !== 'pass');
const only = (...ids: string[]): readonly Behaviour[] => behaviours.filter(({ id }) => ids.includes(id));

describe('a patch that is as it should be', () => {
  it('passes, with everything that the catalogue has on its page run below it and with it', async () => {
    const report = await check('9');
    expect(report).toMatchObject({ number: 9, status: 'pass' });
    expect(report.checks.map(({ id, status }) => `${id} ${status}`)).toEqual(['apply pass', 'build pass', 'prototypes pass', 'behaviours pass', 'invariants pass', 'findings pass']);
    const { cases } = part(report, 'behaviours');
    expect(cases.find(({ name }) => name === 'permission-other-user at level 8')!.text).toBe('2, N2=2');
    expect(cases.find(({ name }) => name === 'permission-other-user at level 9')!.text).toBe('-EPERM, N1=2');
  });
});

describe('what a reviewer is told', () => {
  it('which prototype changes, and that other callers are left behind', async () => {
    const report = await check('3', { behaviours: [] });
    expect(part(report, 'prototypes')).toMatchObject({ status: 'pass', summary: '0 prototypes kept, 1 changed', cases: [{ name: 'try_to_migrate_pages', text: '1 parameter before, 2 now; may sleep' }] });
    expect(odd(report, 'build')).toMatchObject([{ status: 'warn', name: 'the tree with the hotplug patches', place: { file: 'packages/n10-memsection-migrate/src/mm/page_alloc.ts' } }]);
    // from there on the tree does not build anyhow
    expect(part(await check('4', { behaviours: [] }), 'build').cases).toHaveLength(1);
  });
  it('that a patch leaves a tree that does not build', async () => {
    const report = await check('N1.0', { behaviours: [] });
    expect(report.status).toBe('fail');
    expect(odd(report, 'build')[0]).toMatchObject({ status: 'fail', text: expect.stringContaining("too few arguments to function `try_to_migrate_pages'") as string });
  });
  it('that it does not apply', async () => {
    const without4 = entries.filter(({ number }) => number !== 4);
    expect(await checkPatch(without4, named('5'))).toMatchObject({ status: 'fail', checks: [{ id: 'apply', summary: expect.stringContaining("applies on top of 'add-sys_migrate_pages-rc3.patch'") as string }] });
  });
  it('what is known to be wrong, with what is seen below the patch and with it, and the function of the patch where it is', async () => {
    const report = await check('4', { behaviours: only('running-target-killed', 'page-under-reclaim-bug', 'select-executable') });
    expect(odd(report, 'findings').map(({ name }) => name)).toEqual(['broken by it: page-under-reclaim-bug', 'broken by it: running-target-killed']);
    expect(odd(report, 'findings')[1]!.text).toContain('\nBelow the patch: job lives\nWith it: VM kills job\n');
    expect(odd(report, 'invariants')[0]!.text).toContain('spinlock page_table_lock');
    const place = odd(report, 'findings')[0]!.place!;
    expect(place.file).toBe('packages/p04-sys-migrate-pages/src/mm/mmigrate.ts');
    expect(readFileSync(fileURLToPath(new URL(`../../../../${place.file}`, import.meta.url)), 'utf8').split('\n')[place.line - 1]).toContain('function* migrate_vma(');
  });
  it('the place in an exported repository', async () => {
    const report = await check('4', { behaviours: only('page-under-reclaim-bug'), layout: 'export' });
    const place = odd(report, 'findings')[0]!.place!;
    expect(place.file).toBe('mm/mmigrate.ts');
    expect(sourcesOf(entries.slice(0, 4)).modules.get(place.file)!.split('\n')[place.line - 1]).toContain('function* migrate_vma(');
  });
  it('what is not as the catalogue has it', async () => {
    const [first] = only('permission-other-user');
    const wrong = (changes: Partial<Behaviour>): Promise<CheckReport> => check('9', { behaviours: [{ ...first!, ...changes }] });
    const expectation = await wrong({ expect: { 0: '2, N2=2', 9: '-EACCES' } });
    expect(expectation.status).toBe('fail');
    expect(odd(expectation, 'behaviours')).toMatchObject([{ name: 'permission-other-user at level 9', text: 'seen -EPERM, N1=2, expected -EACCES' }]);
    const scenario = await wrong({ scenario: () => { throw new Error('no job'); } });
    expect(odd(scenario, 'behaviours')[1]!.text).toBe('seen scenario failed: no job, expected -EPERM, N1=2');
  });
  it('which races fail with it that did not fail below it', async () => {
    const killed = race({
      name: 'killed', tasks: { job: { node: 1 } }, before: ['job: a = mmap(0, 1P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)', 'job: store(a, 1)'],
      together: { job: ['load(a, 1)'], batchd: ['r = migrate_pages(job, 1, {1}, {2})'] },
    });
    expect(odd(await check('4', { behaviours: [], races: [killed] }), 'races')).toMatchObject([{ status: 'warn', name: 'killed', text: 'VM: killing process job (every order of its steps)' }]);
    expect(part(await check('3', { behaviours: [], races: [killed] }), 'races').status).toBe('pass');
  });
});

describe('a mail', () => {
  const mail = (subject: string): string => `From: Ray Bryant <raybry@sgi.com>\nDate: Wed, 22 Jun 2005 09:39:41 -0700\nSubject: ${subject}\n\ntext\n`;
  it.each([
    ['[PATCH 2.6.12-rc5 5/10] mm: manual page migration-rc3 -- sys_migrate_pages-mempolicy-migration-rc3.patch', 'sys_migrate_pages-mempolicy-migration-rc3.patch'],
    ['[PATCH 10/12] N1.0-memsection_migrate: memory hotplug: capture_page_range() migrates', 'N1.0-memsection_migrate.patch'],
    ['=?UTF-8?Q?[PATCH_04/12]_add-sys=5Fmigrate=5Fpages-rc3:_the_system_call?=', 'add-sys_migrate_pages-rc3.patch'],
  ])('%s carries %s', async (subject, name) => {
    expect((await patchOfMail(mail(subject), entries))?.name).toBe(name);
  });
  it.each(['[PATCH 2.6.12-rc5 0/10] mm: manual page migration-rc3 -- overview', 'lunch', ''])('%s carries none', async subject => {
    expect(await patchOfMail(mail(subject), entries)).toBeNull();
  });
});
