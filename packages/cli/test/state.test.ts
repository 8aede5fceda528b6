import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { migrationSeries } from '@pmkit/series/stack';
import { describe, expect, it } from 'vitest';
import { quickServices, scratch, session } from './helpers.js';

const [P1, P2] = migrationSeries.entries.map(({ name }) => name) as [string, string];
const fileOf = (cwd: string): string => path.join(cwd, '.pmkit/applied-patches');

function damaged(text: string): ReturnType<typeof session> {
  const pmkit = session();
  mkdirSync(path.join(pmkit.cwd, '.pmkit'));
  writeFileSync(fileOf(pmkit.cwd), text);
  return pmkit;
}

describe('the state of a stack', () => {
  it('is a plain file in .pmkit, one patch a line, and nothing is left beside it', async () => {
    const pmkit = session();
    await pmkit('push 2');
    expect(readFileSync(fileOf(pmkit.cwd), 'utf8')).toBe(`# pmkit-applied-patches 1\n${P1}\n${P2}\n`);
    expect(readdirSync(path.join(pmkit.cwd, '.pmkit'))).toEqual(['applied-patches']);
    await pmkit('pop -a');
    expect((await pmkit('top')).code).toBe(2);
  });

  it('is not made by asking', async () => {
    const pmkit = session();
    for (const command of ['series', 'applied', 'top', 'next', 'unapplied', 'previous', 'pop', 'goto 0']) await pmkit(command);
    expect(existsSync(path.join(pmkit.cwd, '.pmkit'))).toBe(false);
  });

  it('is neither read nor written with --at', async () => {
    const pmkit = damaged('rubbish');
    expect((await pmkit('top --at 3')).out).toBe('add-node_map-arg-to-try_to_migrate_pages-rc3.patch\n');
    expect((await pmkit('applied --at xfs')).out).toBe(`${P1}\n${P2}\n`);
    expect((await pmkit('next --at base')).out).toBe(`${P1}\n`);
    expect((await pmkit('push -q --at 1')).out).toContain(`Now at patch ${P2}`);
    expect((await pmkit('pop -q --at=2')).out).toContain(`Now at patch ${P1}`);
    expect(readFileSync(fileOf(pmkit.cwd), 'utf8')).toBe('rubbish');
    expect((await pmkit('top --at zzz')).code).toBe(1);
  });
});

describe('a damaged state', () => {
  it.each([
    ['rubbish', ':1: first line: found "rubbish"; expected "# pmkit-applied-patches 1"'],
    [`# pmkit-applied-patches 1\n${P1}\nbogus\n`, `:3: patch: found "bogus"; expected ${P2}`],
    ['# pmkit-applied-patches 7\n', ':1: format: found version 7; expected version 1'],
    [`# pmkit-applied-patches 1\n${P1}\n${P2.slice(0, 4)}`, ':3: line: found "xfs-"'],
  ])('ends every command with 2, names the line, and stays as it is', async (text, message) => {
    for (const command of ['top', 'push', 'pop -a', 'goto 1', 'series -v']) {
      const pmkit = damaged(text);
      const answer = await pmkit(command);
      expect(answer).toMatchObject({ code: 2, out: '' });
      expect(answer.err).toContain(fileOf(pmkit.cwd) + message);
      expect(answer.err).not.toMatch(/\n {4}at /);
      expect(readFileSync(fileOf(pmkit.cwd), 'utf8')).toBe(text);
    }
  });

  it('may be a link, a directory or far too large', async () => {
    const pmkit = session();
    mkdirSync(path.join(pmkit.cwd, '.pmkit'));
    symlinkSync('/etc/passwd', fileOf(pmkit.cwd));
    expect(await pmkit('top')).toMatchObject({ code: 2, err: expect.stringContaining('expected a regular file') as string });
    rmSync(fileOf(pmkit.cwd));
    writeFileSync(fileOf(pmkit.cwd), 'x'.repeat(100_000));
    expect((await pmkit('push')).err).toContain('size: found 100000 bytes');
    const other = session();
    writeFileSync(path.join(other.cwd, '.pmkit'), '');
    expect((await other('push')).err).toContain('.pmkit: found something else; expected a directory');
  });
});

describe('writing the state', () => {
  it('does not overwrite what another pmkit wrote meanwhile', async () => {
    const cwd = scratch();
    const services = {
      ...quickServices,
      linkLevel: async (applied: readonly unknown[]) => {
        if (applied.length === 2) await session({ cwd })('pop -a');
      },
    };
    const answer = await session({ cwd, services })('push -q 3');
    expect(answer).toMatchObject({ code: 1, err: expect.stringContaining('changed by another pmkit') as string });
    expect((await session({ cwd })('top')).code).toBe(2);
  });

  it.skipIf(process.getuid?.() === 0)('says so when it cannot, and the stack is where it was', async () => {
    const pmkit = session();
    await pmkit('push');
    chmodSync(path.join(pmkit.cwd, '.pmkit'), 0o500);
    const answer = await pmkit('push');
    chmodSync(path.join(pmkit.cwd, '.pmkit'), 0o700);
    expect(answer).toMatchObject({ code: 1, err: expect.stringContaining('the stack is where it was') as string });
    expect((await pmkit('top')).out).toBe(`${P1}\n`);
  });
});
