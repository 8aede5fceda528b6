import { describe, expect, it } from 'vitest';
import { migrationSeries } from '@pmkit/series/stack';
import { quickServices, session, type SessionOptions } from './helpers.js';

const names = migrationSeries.entries.map(({ name }) => name);
const [P1, P2, P3, P4, P5] = names as [string, string, string, string, string];
const TOP = names.at(-1)!;

describe('with nothing applied', () => {
  it.each([
    ['top', 2, '', 'No patches applied\n'],
    ['applied', 1, '', 'No patches applied\n'],
    ['previous', 1, '', 'No patches applied\n'],
    ['pop', 2, '', 'No patch removed\n'],
    ['pop -a', 2, '', 'No patch removed\n'],
    ['pop 0', 2, '', 'No patch removed\n'],
    ['push 0', 2, '', 'No patch applied\n'],
    ['next', 0, `${P1}\n`, ''],
    ['pop xfs', 1, '', `Patch ${P2} is not applied\n`],
  ])('%s exits and prints as quilt 0.66 does', async (command, code, out, err) => {
    expect(await session()(command)).toEqual({ code, out, err });
  });
});

describe('with two patches applied', () => {
  it.each([
    ['top', 0, `${P2}\n`, ''],
    ['applied', 0, `${P1}\n${P2}\n`, ''],
    ['applied 1', 0, `${P1}\n`, ''],
    ['applied 3', 1, '', `Patch ${P3} is not applied\n`],
    ['next', 0, `${P3}\n`, ''],
    ['next 4', 0, `${P4}\n`, ''],
    ['next 1', 2, '', `Patch ${P1} is currently applied\n`],
    ['previous', 0, `${P1}\n`, ''],
    ['previous 1', 2, '', ''],
    ['previous 4', 0, `${P2}\n`, ''],
    ['push hiro', 2, '', `Patch ${P1} is currently applied\n`],
    ['push zzz', 1, '', 'Patch zzz is not in series\n'],
    ['pop zzz', 1, '', 'Patch zzz is not in series\n'],
    ['pop xfs', 2, '', 'No patch removed\n'],
    ['push -q', 0, `Applying patch ${P3}\nNow at patch ${P3}\n`, ''],
    ['push', 0, `Applying patch ${P3}\npatching file mm/file3.c\n\nNow at patch ${P3}\n`, ''],
    ['push -v', 0, `Applying patch ${P3}\npatching file mm/file3.c\n  adds f3()\n\nNow at patch ${P3}\n`, ''],
    ['pop', 0, `Removing patch ${P2}\nRestoring mm/file2.c\n\nNow at patch ${P1}\n`, ''],
    ['pop hiro', 0, `Removing patch ${P2}\nRestoring mm/file2.c\n\nNow at patch ${P1}\n`, ''],
    ['pop -qa', 0, `Removing patch ${P2}\nRemoving patch ${P1}\nNo patches applied\n`, ''],
    ['pop -q 99', 0, `Removing patch ${P2}\nRemoving patch ${P1}\nNo patches applied\n`, ''],
    ['push -q 2', 0, `Applying patch ${P3}\nApplying patch ${P4}\nNow at patch ${P4}\n`, ''],
  ])('%s', async (command, code, out, err) => {
    const pmkit = session();
    await pmkit('push -q 2');
    expect(await pmkit(command)).toEqual({ code, out, err });
  });

  it('a patch that added a file takes it away again', async () => {
    const pmkit = session();
    await pmkit('push 3');
    expect((await pmkit('pop')).out).toContain('Removing mm/file3.c\n');
  });
});

describe('series and unapplied', () => {
  it('mark with -v as quilt does', async () => {
    const pmkit = session();
    await pmkit('push 2');
    const lines = (await pmkit('series -v')).out.split('\n');
    expect(lines.slice(0, 5)).toEqual([`+ ${P1}`, `= ${P2}`, `  ${P3}`, `  ${P4}`, `  ${P5}`]);
    expect((await pmkit('series')).out.split('\n')).toHaveLength(13);
    expect((await pmkit('unapplied')).out.split('\n').slice(0, 3)).toEqual([P3, P4, P5]);
    expect((await pmkit('unapplied 10')).out).toBe('');
  });

  it('print the series file', async () => {
    expect((await session()('series --file')).out).toMatch(/^# .*\n# {3}AA-PM-99-x86_64-IMMOVABLE\.patch\n# .*inserted here\nhirokazu/);
  });

  it('paint on a terminal, and never in a pipe, under NO_COLOR or when told not to', async () => {
    const escape = '\u001b[';
    const series = async (command: string, options: SessionOptions = {}): Promise<string> => {
      const pmkit = session(options);
      await pmkit('push -q 2');
      return (await pmkit(command)).out;
    };
    expect(await series('series -v', { isTTY: true })).toContain(escape);
    expect(await series('series -v')).not.toContain(escape);
    expect(await series('series -v', { isTTY: true, env: { NO_COLOR: '1' } })).not.toContain(escape);
    expect(await series('series --color=never', { isTTY: true })).not.toContain(escape);
    expect(await series('series --color')).toContain(escape);
    expect(await session()('series --color=blue')).toMatchObject({ code: 2, err: expect.stringContaining('always, auto, never') as string });
  });
});

describe('at the end of the series', () => {
  it('push says so, as quilt does', async () => {
    const pmkit = session();
    expect((await pmkit('push -qa')).out).toMatch(new RegExp(`Now at patch ${TOP}\n$`));
    for (const command of ['push', 'push -a', 'push 3', 'next']) {
      expect(await pmkit(command)).toEqual({ code: 2, out: '', err: `File series fully applied, ends at patch ${TOP}\n` });
    }
  });
});

describe('goto', () => {
  it('goes up, down and nowhere', async () => {
    const pmkit = session();
    expect((await pmkit('goto -q 3')).out).toBe(`Applying patch ${P1}\nApplying patch ${P2}\nApplying patch ${P3}\nNow at patch ${P3}\n`);
    expect(await pmkit('goto 3')).toEqual({ code: 0, out: `Now at patch ${P3}\n`, err: '' });
    expect((await pmkit('goto -q p01')).out).toBe(`Removing patch ${P3}\nRemoving patch ${P2}\nNow at patch ${P1}\n`);
    expect((await pmkit('goto -q 0')).out).toBe(`Removing patch ${P1}\nNo patches applied\n`);
    expect((await pmkit('goto nowhere')).code).toBe(1);
    expect((await pmkit('goto')).code).toBe(2);
  });

  it('says in its help that it is not quilt’s', async () => {
    expect((await session()('goto --help')).out).toMatch(/Not a\s+command of quilt/);
  });
});

describe('a tree that does not build', () => {
  const message = "mm/page_alloc.c: In function `capture_page_range':\nmm/page_alloc.c: error: too few arguments to function `try_to_migrate_pages'";
  const words = `${message}\nmake[1]: *** [mm/page_alloc.o] Error 1\nmake: *** [mm] Error 2`;
  /** Trees with so many patches do not build. */
  const broken = (...sizes: readonly number[]) => ({
    ...quickServices,
    linkLevel: (applied: readonly unknown[]) => {
      const failure = Object.assign(new Error(message), { name: 'LinkError', errors: [{ file: 'mm/page_alloc.c', message }] });
      return sizes.includes(applied.length) ? Promise.reject(failure) : Promise.resolve();
    },
  });
  const refused = (patch: string) => `${words}\nPatch ${patch} does not build on this tree (enforce with -f)\n`;

  it.each(['push -q 2', 'goto -q 2'])('stops %s in the words of the compiler, and the patch is not applied', async (command) => {
    const pmkit = session({ services: broken(2) });
    expect(await pmkit(command)).toEqual({ code: 1, out: `Applying patch ${P1}\nApplying patch ${P2}\n`, err: refused(P2) });
    expect((await pmkit('top')).out).toBe(`${P1}\n`);
  });

  it.each(['push -q 4', 'push -qa', 'goto -q 4', `push -q ${P4}`])('is told and passed over by %s when a later tree builds', async (command) => {
    const pmkit = session({ services: broken(2, 3) });
    const answer = await pmkit(command);
    expect(answer).toMatchObject({ code: 0, err: `${words}\n${words}\n` });
    const told = (patch: string) => `Applying patch ${patch}\nApplied patch ${patch} (this tree does not build)\n`;
    expect(answer.out).toContain(`Applying patch ${P1}\n${told(P2)}${told(P3)}Applying patch ${P4}\n`);
  });

  it('is not entered when only trees before it build', async () => {
    const pmkit = session({ services: broken(2, 4, 5) });
    const answer = await pmkit('push -q 5');
    expect(answer).toMatchObject({ code: 1, err: `${words}\n${refused(P4)}` });
    expect((await pmkit('top')).out).toBe(`${P3}\n`);
  });

  it('is applied with -f, and said to be broken', async () => {
    const pmkit = session({ services: broken(2) });
    const answer = await pmkit('push -qf 2');
    expect(answer).toMatchObject({ code: 0, err: `${words}\n` });
    expect(answer.out).toContain(`Applied patch ${P2} (forced; this tree does not build)\n`);
    expect((await pmkit('top')).out).toBe(`${P2}\n`);
  });

  it('is ld’s to report when all objects are made', async () => {
    const undefinedReference = "fs/xfs.c: In function `f': undefined reference to `g'";
    const failure = Object.assign(new Error(undefinedReference), { name: 'LinkError', errors: [{ file: 'fs/xfs.c', message: undefinedReference }] });
    const pmkit = session({ services: { ...quickServices, linkLevel: () => Promise.reject(failure) } });
    expect((await pmkit('push')).err).toContain(`${undefinedReference}\nmake: *** [.tmp_vmlinux1] Error 1\nPatch `);
  });

  it('whose failure is the kit’s own is an internal error, with a trace on request only', async () => {
    const faulty = { ...quickServices, linkLevel: () => Promise.reject(new TypeError('oops')) };
    const plain = await session({ services: faulty })('push');
    expect(plain).toMatchObject({ code: 70, err: expect.stringContaining('internal error: oops') as string });
    expect(plain.err).not.toMatch(/\n {4}at /);
    expect((await session({ services: faulty })('push --debug')).err).toMatch(/TypeError: oops\n {4}at /);
  });
});
