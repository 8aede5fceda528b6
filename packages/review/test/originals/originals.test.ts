/** pmkit originals: the mails of the user's mailbox beside the packages. */
import { gzipSync } from 'node:zlib';
import { factsOf } from '@pmkit/series/patches';
import { migrationSeries, touchedFiles } from '@pmkit/series/stack';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MailboxError, readOriginals, type OriginalFilePage, type Originals } from '../../src/originals/index.js';
import { BODY_5, fileDiff, mailbox, PATCH_5, type TestMail } from './mailbox.js';

const source = { series: migrationSeries, touchedFiles, factsOf };
const read = (mails: readonly TestMail[] | Uint8Array): Promise<Originals> => readOriginals(mails instanceof Uint8Array ? mails : mailbox(mails), 'box.mbox', source);
const five: TestMail = { subject: PATCH_5, id: 'five@test', body: BODY_5 };
const roles = async (mails: readonly TestMail[]): Promise<unknown[]> => (await read(mails)).mails.map(({ role }) => role);
const page = ({ pages }: Originals, number: number): Originals['pages'][number] => pages.find(({ entry }) => entry.number === number)!;
const file = (originals: Originals, number: number, name: string): OriginalFilePage => page(originals, number).files.find(other => other.file === name)!;
const small = fileDiff('mm/x.c', '@@ -1 +1 @@\n-a\n+b\n');

describe('the mails of a mailbox', () => {
  it('are found by subject, Message-ID and thread', async () => {
    expect(await roles([
      { subject: '[PATCH 2.6.12-rc5 0/10] mm: manual page migration-rc3 -- overview', id: 'zero@test', body: 'overview' },
      { subject: '[PATCH 2.6.12-rc5 1/10] mm: hirokazu-steal_page_from_lru.patch', id: 'one@test', to: 'zero@test', body: small },
      { subject: 'some other words', id: factsOf('xfs-migrate-page-rc3.patch').mail!.messageId!, body: small },
      { subject: '[PATCH 2.6.12-rc5 8/10] mm: manual page migration-rc3 -- sys_migrate_pages-cpuset-support-rc3.patch', body: small },
      { subject: '[PATCH 2.6.12-rc5 10/10] mm: manual page migration-rc3 -- N1.2-add-nodemap-to-try_to_migrate_pages-call.patch', body: small },
      { subject: 'Re: [PATCH 2.6.12-rc5 1/10] mm: hirokazu-steal_page_from_lru.patch', id: 'answer@test', to: 'one@test', body: `> ${small.replaceAll('\n', '\n> ')}\nwell` },
      { subject: 'a new subject', to: 'answer@test', body: 'aha' },
      { subject: 'RE: [PATCH 2.6.12-rc5 5/10] mm: manual page migration-rc3 -- sys_migrate_pages-mempolicy-migration-rc3.patch', body: 'without a thread' },
      { subject: '[PATCH 2.6.13-rc1 1/11] mm: hirokazu-steal_page_from_lru.patch', body: small },
      { subject: '[PATCH 2.6.12-rc3 3/8] mm: manual page migration-rc2 -- add-node_map-arg-to-try_to_migrate_pages-rc2.patch', body: small },
      { subject: '[PATCH 2.6.12-rc5 3/10] another series of ten', body: small },
    ])).toEqual([
      { is: 'cover' }, { is: 'patch', patch: 1 }, { is: 'patch', patch: 2 }, { is: 'patch', patch: 8 }, { is: 'patch', patch: 10 },
      { is: 'reply', to: 1 }, { is: 'reply', to: 1 }, { is: 'reply', to: 5 }, { is: 'other' }, { is: 'other' }, { is: 'other' },
    ]);
  });

  it('are taken once, and of two mails of a patch the one that is known, or else the later', async () => {
    expect(await roles([five, five])).toEqual([{ is: 'patch', patch: 5 }]);
    expect(await roles([five, { ...five, id: 'again@test', date: 'Thu, 23 Jun 2005 09:39:08 -0700' }])).toEqual([{ is: 'again', patch: 5 }, { is: 'patch', patch: 5 }]);
    expect(await roles([{ ...five, id: '20050622163941.25515.38103.92916@tomahawk.engr.sgi.com' }, five])).toEqual([{ is: 'patch', patch: 5 }, { is: 'again', patch: 5 }]);
  });

  it('do not lead around in circles', async () => {
    expect(await roles([{ subject: 'a', id: 'a@test', to: 'b@test', body: '' }, { subject: 'b', id: 'b@test', to: 'a@test', body: '' }])).toEqual([{ is: 'other' }, { is: 'other' }]);
  });
});

describe('a patch beside its package', () => {
  it('has counts by file: of the hunks, of the facts, and what the mail itself states', async () => {
    const found = page(await read([five]), 5);
    expect(found).toMatchObject({ counted: { insertions: 11, deletions: 1 }, stated: { insertions: 11, deletions: 1 }, mail: { date: '2005-06-22', from: 'A. Tester' } });
    expect(found.files.map(({ file: name, mail, facts }) => [name, mail?.insertions, mail?.deletions, facts?.insertions, facts?.deletions])).toEqual([
      ['include/linux/mempolicy.h', 1, 0, 2, 0], ['mm/mempolicy.c', 10, 1, 116, 0], ['mm/mmigrate.c', undefined, undefined, 11, 1],
    ]);
  });

  it('has the functions of its hunks beside the symbols of the package', async () => {
    const { rows, hunks } = file(await read([five]), 5, 'mm/mempolicy.c');
    expect(hunks.map(({ newStart }) => newStart)).toEqual([100, 209]);
    expect(rows).toEqual([
      { hunk: 1, original: { name: 'migrate_process_policy', change: 'adds', insertions: 9, deletions: 0 }, kit: { name: 'migrate_process_policy', change: 'adds', isFunction: true }, mentions: 0 },
      { hunk: 2, original: { name: 'do_something', change: 'changes', insertions: 1, deletions: 1 }, kit: null, mentions: 0 },
      ...['migrate_node_mask', 'migrate_policy', 'migrate_vma_policy'].map(name => ({ hunk: null, original: null, kit: { name, change: 'adds', isFunction: true }, mentions: 0 })),
    ]);
  });

  it('tells what only one of them has', async () => {
    const { onlyInMail, onlyInKit } = page(await read([five]), 5);
    expect(onlyInMail).toEqual([{ file: 'mm/mempolicy.c', name: 'do_something' }]);
    expect(onlyInKit.map(({ name }) => name)).toEqual(['migrate_node_mask', 'migrate_policy', 'migrate_vma_policy', 'sys_migrate_pages']);
  });

  it('counts the lines that name a symbol which the original does not define', async () => {
    const four = { subject: '[PATCH 2.6.12-rc5 4/10] mm: manual page migration-rc3 -- add-sys_migrate_pages-rc3.patch', body: fileDiff('kernel/sys_ni.c', '@@ -1,1 +1,2 @@\n cond_syscall(a);\n+cond_syscalls(b);\n') };
    const { rows } = file(await read([four]), 4, 'kernel/sys_ni.c');
    expect(rows).toEqual([
      { hunk: 1, original: { name: null, change: 'changes', insertions: 1, deletions: 0 }, kit: null, mentions: 0 },
      { hunk: null, original: null, kit: { name: 'cond_syscalls', change: 'replaces', isFunction: false }, mentions: 1 },
    ]);
  });

  it('without a mail has the facts and the package alone', async () => {
    const found = page(await read([five]), 7);
    expect(found).toMatchObject({ mail: null, counted: null, stated: null, onlyInMail: [], onlyInKit: [] });
    expect(found.files).toMatchObject([{ file: 'mm/mmigrate.c', mail: null, facts: { insertions: 20, deletions: 9 } }]);
  });

  it('of a whole series says of every file what the facts say, where its mail has so many lines', async () => {
    const posted = migrationSeries.entries.filter(({ number }) => number !== undefined);
    const mails = posted.map((entry): TestMail => {
      const files = factsOf(entry.name).files.map(({ file: name, insertions, deletions }) => {
        const [plus, minus] = [insertions ?? 1, deletions ?? 0];
        const lines = [' static int before;', ...Array.from({ length: minus }, (_, at) => `-\told(${at});`), ...Array.from({ length: plus }, (_, at) => `+\tfresh(${at});`)];
        return fileDiff(name, `@@ -10,${minus + 1} +10,${plus + 1} @@\n${lines.join('\n')}\n`);
      });
      return { subject: `[PATCH 2.6.12-rc5 ${entry.number}/10] mm: manual page migration-rc3 -- ${entry.name}`, id: `${entry.number}@test`, body: `Words.\n\n${files.join('')}` };
    });
    const { pages } = await read(mails);
    expect(pages.map(({ entry, mail }) => [entry.number, mail?.messageId])).toEqual(posted.map(({ number }) => [number, `${number}@test`]));
    const known = posted.flatMap(({ name }) => factsOf(name).files.flatMap(({ file: path, insertions, deletions }) => (insertions === null || deletions === null ? [] : [[path, { insertions, deletions }] as const])));
    const found = pages.flatMap(({ files }) => files.flatMap(({ file: path, mail, facts }) => (facts === null || facts.insertions === null ? [] : [[path, mail] as const])));
    const sorted = (list: readonly (readonly [string, unknown])[]): string[] => list.map(entry => JSON.stringify(entry)).sort();
    expect(sorted(found)).toEqual(sorted(known));
  });

  it.each([
    ['quoted-printable', (text: string) => text.replaceAll('=', '=3D').replaceAll(/(.{60})(?=.)/g, '$1=\n')],
    ['base64', (text: string) => Buffer.from(text).toString('base64').replaceAll(/(.{76})/g, '$1\n')],
  ])('may come as %s', async (encoding, encode) => {
    const mail = { ...five, header: [`Content-Type: text/plain; charset=utf-8`, `Content-Transfer-Encoding: ${encoding}`], body: encode(BODY_5) };
    expect(page(await read([mail]), 5).counted).toEqual({ insertions: 11, deletions: 1 });
  });

  it('may come as an attachment, and in a packed mailbox', async () => {
    const body = ['--q', 'Content-Type: text/plain', '', 'see below', '--q', 'Content-Type: application/octet-stream; name=five.patch', 'Content-Disposition: attachment; filename=five.patch', '', `${BODY_5}--q--`].join('\n');
    const bytes = mailbox([{ ...five, header: ['Content-Type: multipart/mixed; boundary=q'], body }]);
    expect(page(await read(gzipSync(bytes)), 5).counted).toEqual({ insertions: 11, deletions: 1 });
  });
});

describe('what is damaged', () => {
  const refusal = async (bytes: Uint8Array | readonly TestMail[]): Promise<string> => read(bytes).then(() => 'nothing', (error: unknown) => (error instanceof MailboxError ? error.message : String(error)));
  const whole = mailbox([{ subject: 'first', body: 'hello' }, five]);
  const lineOf = (text: string): number => whole.toString().split('\n').findIndex(line => line.includes(text)) + 1;

  it('is refused: a mailbox that is none, is empty or cut off', async () => {
    expect(await refusal(Buffer.from('hello\n'))).toBe('box.mbox:1: found no line "From ..." at the beginning; expected a mailbox (mbox) such as lore.kernel.org has of a thread');
    expect(await refusal(Buffer.alloc(0))).toBe('box.mbox: found nothing; expected a mailbox');
    expect(await refusal(whole.subarray(0, whole.length - 12))).toMatch(/^box\.mbox:\d+: found the end of the file within a line; expected a newline: the mailbox is cut off$/);
    expect(await refusal(gzipSync(whole).subarray(0, 200))).toMatch(/^box\.mbox: found gzip data that cannot be unpacked \(unexpected end of file\); expected/);
    expect(await refusal(Buffer.from('From x\nSubject: a\n'))).toBe('box.mbox:1: the mail that begins here: found its end; expected header fields and a blank line below them');
    expect(await refusal(Buffer.from('From x\n\nbody\n'))).toMatch(/^box\.mbox:1: .* found no header; expected/);
  });

  it('is refused: a gzip file that grows too large', async () => {
    expect(await refusal(gzipSync(Buffer.alloc((64 << 20) + 1)))).toMatch(/found more than 67108864 bytes in it; expected/);
  });

  it('is refused: a patch that is cut off, with the line of the mailbox, the file and the hunk', async () => {
    const cut = whole.toString().split('\n').slice(0, lineOf('three();')).join('\n');
    expect(await refusal(Buffer.from(`${cut}\n`))).toBe(`box.mbox:${lineOf('three();') + 1}: mm/mempolicy.c, hunk 2: found the end of the text; expected 1 more lines of the old file and 1 of the new one`);
    const head = whole.toString().split('\n').slice(0, lineOf('+++ linux-2.6.12-rc5-test/mm')).join('\n');
    expect(await refusal(Buffer.from(`${head}\n`))).toMatch(/ mm\/mempolicy\.c, hunk 1: found the end of the text; expected a line "@@ /);
  });

  it('is refused: a patch that a mailer has wrapped, and one that is missing', async () => {
    const wrapped = { ...five, body: BODY_5.replace('+			   int *map)', '+	int\n*map)') };
    expect(await refusal([wrapped])).toMatch(/^box\.mbox:\d+: mm\/mempolicy\.c, hunk 1: found "\*map\)"; expected 1 more lines of the old file and 5 of the new one$/);
    expect(await refusal([{ ...five, body: 'see the next mail' }])).toMatch(/^box\.mbox:7: found no patch in the mail "\[PATCH 2\.6\.12-rc5 5\/10\]/);
  });

  it('is refused with mail and line where the text is encoded', async () => {
    const encoded = { ...five, header: ['Content-Transfer-Encoding: base64'], body: Buffer.from(BODY_5.slice(0, BODY_5.indexOf('+/*'))).toString('base64') };
    expect(await refusal([encoded])).toMatch(/^box\.mbox:1: line \d+ of the text of the mail that begins here: mm\/mempolicy\.c, hunk 1: found the end/);
  });

  it('is refused or read, whatever happened to the file', async () => {
    const bytes = [...mailbox([{ subject: '[PATCH 2.6.12-rc5 0/10] mm: manual page migration-rc3 -- overview', id: 'zero@test', body: 'overview' }, five, { subject: `Re: ${PATCH_5}`, to: 'five@test', body: '> well' }])];
    const change = fc.record({ at: fc.nat({ max: bytes.length - 1 }), remove: fc.nat({ max: 40 }), insert: fc.constantFrom('', '\n', '\n\nFrom ', '@@ -1 +1 @@\n', '--- a/x\n+++ b/x\n', '=?utf-8?q?=C3?=', '\u0000', '\u001b[2J', 'Content-Type: multipart/mixed; boundary=""\n') });
    const refused = { count: 0 };
    await fc.assert(fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async changes => {
      const damaged = [...bytes];
      for (const { at, remove, insert } of changes) damaged.splice(at, remove, ...Buffer.from(insert));
      try {
        const found = await read(Uint8Array.from(damaged));
        expect(found.pages).toHaveLength(10);
      } catch (error) {
        expect(error).toBeInstanceOf(MailboxError);
        expect((error as Error).message).toMatch(/^box\.mbox(:\d+)?: /);
        refused.count++;
      }
    }), { numRuns: 150 });
    expect(refused.count).toBeGreaterThan(20);
  });

  it('is not asked for in mails of others', async () => {
    expect(await refusal([{ subject: 'unrelated', body: '--- a/x\n+++ b/x\n@@ broken\n' }])).toBe('nothing');
  });
});
