/** pmkit show: a patch's page. */
import { findBehaviour, type Behaviour } from '@pmkit/series/catalogue';
import { linkLevel, migrationSeries, touchedFiles } from '@pmkit/series/stack';
import { describe, expect, it } from 'vitest';
import { patchSchema, type PatchJson } from '../src/schemas.js';
import { session, type Answer } from './helpers.js';

const call = findBehaviour('syscall-1279')!;
const behaviours: readonly Behaviour[] = [
  call,
  { ...call, id: 'leaks-a-reference', kind: 'defect', sentence: 'A reference is lost.', breaks: 4 },
  { ...call, id: 'range-is-emptied', patch: 10, sentence: 'A range is emptied.', expect: { 0: 'no such function', 10: 'moves' }, hotplug: { 0: 'moves', 3: 'does not build', 10: 'moves' } },
];
const services = { series: migrationSeries, linkLevel, touchedFiles, behaviours };
const show = (word: string, options = {}): Promise<Answer> => session({ services, ...options })(['show', ...word.split(' ')]);
const json = async (word: string): Promise<PatchJson> => patchSchema.parse(JSON.parse((await show(`${word} --json`)).out));

/** The lines below a heading. */
function section({ out }: Answer, heading: string): string[] {
  const all = out.split('\n');
  const start = all.indexOf(heading) + 1;
  return all.slice(start, all.findIndex((line, at) => at >= start && /^\S/.test(line)));
}

describe('pmkit show', () => {
  it('tells who sent the patch and when, and what it is for', async () => {
    const answer = await show('5');
    expect(answer).toMatchObject({ code: 0, err: '' });
    expect(answer.out.split('\n').slice(0, 4)).toEqual([
      'Patch 5 of 10: sys_migrate_pages-mempolicy-migration-rc3.patch',
      'By Ray Bryant, sent as rc3 5/10 on 22 June 2005. Applies on top of add-sys_migrate_pages-rc3.patch.',
      'Needs patch 4.',
      'Message-Id: <20050622163941.25515.38103.92916@tomahawk.engr.sgi.com>',
    ]);
    expect(section(answer, 'Purpose').join(' ')).toContain('memory policies');
    expect(section(answer, 'Reviews').join(' ')).toContain('Andi Kleen, 23 June 2005');
    expect(section(answer, 'What became of it').join(' ')).toContain('39743889aaf7');
  });

  it('has the diffstat of the original beside the symbols here', async () => {
    const files = section(await show('3'), 'Files and symbols');
    expect(files).toEqual([
      '  include/linux/mmigrate.h    +10 -1',
      '    - new node_migrate_onepage()',
      '  mm/mmigrate.c                +6 -4',
      '    - new prototype try_to_migrate_pages()',
      '  total                       +16 -5',
      expect.stringMatching(/^ {2}Line counts: from the mail of rc4 3\/11/) as string,
      expect.any(String) as string,
      '',
    ]);
  });

  it('has the behaviours under what they are to the patch, with what is seen at which levels', async () => {
    const answer = await show('add-sys_migrate');
    expect(section(answer, 'Claims it makes true')).toEqual(['  syscall-1279', `    ${call.sentence}`, '      levels 0–3 -ENOSYS, 4–10 4', '']);
    expect(section(answer, 'What it breaks')[0]).toBe('  leaks-a-reference');
    expect(answer.out).not.toContain('range-is-emptied');
  });

  it('of a hotplug patch has what is seen in the tree with it', async () => {
    expect(section(await show('N1.0'), 'Claims it makes true')).toEqual([
      '  range-is-emptied', '    A range is emptied.', '      with the hotplug patches 0–2 moves, 3–9 does not build, 10 moves', '',
    ]);
  });

  it.each(['0', 'base', 'AA-PM-99-x86_64-IMMOVABLE.patch'])('of %s is the page of the tree below, with what the series changes in it', async (word) => {
    const answer = await show(word);
    expect(answer.out).toMatch(/^Level 0: the tree below the series\n/);
    expect(section(answer, 'What the series changes of it')).toContain('  - include/linux/mm_inline.h: steal_page_from_lru(), by hirokazu-steal_page_from_lru');
  });

  it.each(['0', ...migrationSeries.entries.map(({ name }) => name)])('of %s keeps to its width and, as data, to its schema', async (word) => {
    const { out, code } = await show(word);
    expect(code).toBe(0);
    // A word is never broken: a Message-Id and names of patches may be longer.
    expect(out.split('\n').filter((line) => line.length > 100 && line.trim().includes(' ') && !line.startsWith('Message-Id'))).toEqual([]);
    expect((await json(word)).name).toBe(word === '0' ? migrationSeries.base : word);
  });

  it('as data has sizes as numbers, and null for what is not known', async () => {
    expect((await json('5')).diffstat).toMatchObject({ insertions: 129, deletions: 1 });
    expect((await json('4')).diffstat).toMatchObject({ insertions: null, files: [{ file: 'arch/ia64/kernel/entry.S', insertions: null }, {}, {}] });
    expect((await json('4')).behaviours.claims[0]).toMatchObject({ id: 'syscall-1279', levels: [{ from: 0, to: 3, seen: '-ENOSYS' }, { from: 4, to: 10, seen: '4' }], hotplug: null });
  });

  it('paints headings on a terminal only', async () => {
    expect((await show('1', { isTTY: true })).out).toContain('\u001b[1mPurpose\u001b[22m');
    expect((await show('1', { isTTY: true, env: { NO_COLOR: '1' } })).out).toBe((await show('1')).out);
  });

  it.each([
    ['zzz', 1, 'Patch zzz is not in series\n'],
    ['sys_migrate', 1, 'Patch sys_migrate could be any of:'],
  ])('%s', async (word, code, sentence) => {
    const answer = await show(word);
    expect([answer.code, answer.out]).toEqual([code, '']);
    expect(answer.err).toContain(sentence);
  });

  it('without a patch is misuse', async () => {
    expect(await session({ services })('show')).toMatchObject({ code: 2, out: '' });
  });
});
