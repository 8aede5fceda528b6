/** pmkit originals: a mailbox beside the packages, as text, as data, and refused. The mails were written for this test. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { linkLevel, migrationSeries, touchedFiles } from '@pmkit/series/stack';
import { describe, expect, it } from 'vitest';
import { originalsSchema } from '../src/originals/schema.js';
import { session } from './helpers.js';

const mail = (subject: string, fields: string, body: string): string => `From mboxrd@z Thu Jan  1 00:00:00 1970\nFrom: A. Tester <tester@example.org>\nSubject: ${subject}\n${fields}\n${body}\n\n`;
const SUBJECT = '[PATCH 2.6.12-rc5 9/10] mm: manual page migration-rc3 -- sys_migrate_pages-permissions-check-rc3.patch';
const PATCH = `Words of a test.

Index: linux-2.6.12-rc5-test/mm/mmigrate.c
===================================================================
--- linux-2.6.12-rc5-test.orig/mm/mmigrate.c\t2005-06-10 14:47:25.000000000 -0700
+++ linux-2.6.12-rc5-test/mm/mmigrate.c\t2005-06-10 14:47:26.000000000 -0700
@@ -600,3 +600,5 @@ sys_migrate_pages(pid_t pid, __u32 count
 \ttask = find();
+\tif (!permitted(task))
+\t\tgoto out;
 \tuse(task);
 \tuse(task);
@@ -700,2 +702,6 @@ sys_migrate_pages(pid_t pid, __u32 count
 }
+static int permitted(struct task_struct *task)
+{
+\treturn 0;
+}
${' '}
`;
const box = `${mail(SUBJECT, 'Date: Wed, 22 Jun 2005 09:39:08 -0700\nMessage-Id: <nine@test>\n', PATCH)}${mail(`Re: ${SUBJECT}`, 'Date: Thu, 23 Jun 2005 09:39:08 -0700\nIn-Reply-To: <nine@test>\n', '> words\nWhy?\u001b[2J')}`;

function originals(text: string, columns?: number): (words: string) => Promise<{ code: number; out: string; err: string }> {
  const pmkit = session({ services: { series: migrationSeries, linkLevel, touchedFiles }, ...(columns === undefined ? {} : { columns }) });
  writeFileSync(path.join(pmkit.cwd, 'box'), text, 'latin1');
  return words => pmkit(`originals box ${words}`);
}

describe('pmkit originals', () => {
  it('lays the hunks of a mail beside the symbols of the package', async () => {
    const { code, out, err } = await originals(box)('9');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\n')).toEqual([
      'box: 2 mails: 1 patch of the series, 1 answer',
      '',
      'Patch 9 of 10: sys_migrate_pages-permissions-check.patch',
      '  A. Tester, 2005-06-22, <nine@test>',
      '',
      '  box:1                                           | p09-permissions-check',
      '                                                  |',
      '  include/linux/capability.h: not touched         | a comment',
      '                                                  |',
      '  mm/mmigrate.c  +6 -0                            | by the facts +12 -0',
      '    1: line 600, changed sys_migrate_pages  +2 -0 |   replaced sys_migrate_pages()',
      '    2: line 702, new permitted  +4 -0             |   -',
      '',
      "  Lines of the hunks: +6 -0; the mail's own diffstat was not found; the facts say +14 -0.",
      '  Only in the mail: permitted (mm/mmigrate.c).',
      '  Answers: A. Tester, 2005-06-23 (box:28).',
      '',
    ]);
  });

  it('keeps to the width of the terminal, and writes nothing of a mail to it that moves the cursor', async () => {
    const narrow = await originals(box.replace('A. Tester', 'A.\u001b[2J Tester'), 72)('9');
    expect(narrow.out.split('\n').filter((line) => line.length > 72)).toEqual([]);
    expect(narrow.out).toContain('A.[2J Tester');
    expect(narrow.out).not.toContain('\u001b');
  });

  it('shows the hunks beside what the package changes, with --text', async () => {
    const { out } = await originals(box, 400)('9 --text');
    const lines = out.slice(out.indexOf('\nmm/mmigrate.c\n')).split('\n').slice(2);
    expect(lines[0]).toBe('@@ -600,3 +600,5 @@ sys_migrate_pages(pid_t pid, __u32 count');
    const [left, right] = [0, 1].map(side => lines.map(line => (side === 0 ? line.slice(0, 198) : line.slice(201)).trimEnd()));
    expect(left!.slice(1, 6)).toEqual(['         task = find();', '+        if (!permitted(task))', '+                goto out;', '         use(task);', '         use(task);']);
    expect(right!.filter(line => line.startsWith('+')).join('\n')).toContain('EPERM');
    const narrow = (await originals(box, 90)('9 --text')).out.split('\n');
    expect(narrow.filter(line => line.length > 90)).toEqual([]);
    expect(narrow.map(line => line.slice(46)).join('')).toContain('EPERM');
    expect(await originals(box)('9 --text --json')).toMatchObject({ code: 2, err: expect.stringContaining("option '--text' goes without '--json'") as string });
  });

  it('prints data that keep to their schema', async () => {
    const { out } = await originals(box)('--json');
    const { mails, patches } = originalsSchema.parse(JSON.parse(out));
    expect(mails.map(({ line, is, patch }) => [line, is, patch])).toEqual([[1, 'patch', 9], [28, 'reply', 9]]);
    expect(patches.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(patches[8]).toMatchObject({ counted: { insertions: 6, deletions: 0 }, stated: null, answers: [28], onlyInMail: [{ file: 'mm/mmigrate.c', name: 'permitted' }], onlyInKit: [] });
    expect(patches[7]).toMatchObject({ mail: null, knownMail: { as: 'rc3 8/10' } });
  });

  it.each([
    ['a mailbox that is cut off', box.slice(0, box.indexOf('\tuse(task);\n@@')), 'box:18: found the end of the file within a line; expected a newline: the mailbox is cut off'],
    ['a patch that is cut off', `${box.slice(0, box.indexOf('\n+\treturn 0;'))}\n`, 'box:23: mm/mmigrate.c, hunk 2: found the end of the text; expected 1 more lines of the old file and 3 of the new one'],
    ['a path out of the tree', box.replace('+++ linux-2.6.12-rc5-test/mm/mmigrate.c', '+++ ../../etc/passwd'), 'box:11: found "../../etc/passwd"; expected a path in the kernel tree, such as linux/mm/rmap.c'],
  ])('refuses %s', async (_, text, message) => {
    expect(await originals(text)('9')).toEqual({ code: 2, out: '', err: `pmkit originals: ${message}\n` });
  });

  it('fails for a mailbox without the patches, and for patches that were not posted with the series', async () => {
    expect(await originals(box)('7 8')).toMatchObject({ code: 1, err: 'pmkit originals: box has no mail of these patches (-rc3, June 2005)\n' });
    expect(await originals(box)('N1.0')).toMatchObject({ code: 2, err: 'pmkit originals: N1.0-memsection_migrate.patch is a patch of the memory hotplug project, and was not posted with the series\n' });
    expect(await originals(box)('99')).toMatchObject({ code: 2, err: 'Patch 99 is not in series\n' });
    expect(await session()('originals no-such-file')).toMatchObject({ code: 2, err: 'no-such-file: no such file\n' });
  });
});
