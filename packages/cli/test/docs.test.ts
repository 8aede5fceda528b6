/** pmkit docs: the generated pages, and that those in the repository are up to date. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { behaviours } from '@pmkit/series/catalogue';
import { linkLevel, migrationSeries, touchedFiles } from '@pmkit/series/stack';
import { describe, expect, it } from 'vitest';
import { escaped } from '../src/docs/markdown.js';
import { jsonSchemas } from '../src/schemas.js';
import { scratch, session } from './helpers.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const services = { series: migrationSeries, linkLevel, touchedFiles };

it('the pages in docs/ are up to date; if not, `npm run docs` writes them anew', async () => {
  expect(await session({ services, cwd: root })('docs docs --check')).toEqual({ code: 0, out: '', err: '' });
});

describe('pmkit docs', () => {
  it('writes a page for every patch and the base, the catalogue, and the schemas; a second time there is nothing to do', async () => {
    const cwd = scratch();
    const pmkit = session({ services, cwd });
    const written = (await pmkit('docs out')).out.trim().split('\n');
    expect(written).toHaveLength(migrationSeries.entries.length + 4 + Object.keys(jsonSchemas()).length);
    for (const file of written) expect(existsSync(path.join(cwd, file))).toBe(true);
    expect(readdirSync(path.join(cwd, 'out'), { recursive: true }).filter((name) => String(name).endsWith('.new'))).toEqual([]);
    expect(await pmkit('docs out')).toEqual({ code: 0, out: '', err: '' });
    expect((await pmkit('docs out --check')).code).toBe(0);
  });

  it('--check names what differs, is missing or left over, and writes nothing', async () => {
    const cwd = scratch();
    const pmkit = session({ services, cwd });
    await pmkit('docs out');
    writeFileSync(path.join(cwd, 'out/behaviours.md'), 'by hand\n');
    rmSync(path.join(cwd, 'out/series/README.md'));
    writeFileSync(path.join(cwd, 'out/series/11-next.md'), '');
    const answer = await pmkit('docs out --check');
    expect(answer).toEqual({
      code: 1,
      out: '',
      err: 'out/behaviours.md differs\nout/series/README.md is missing\nout/series/11-next.md is left over\nnpm run docs writes them anew.\n',
    });
    expect(readFileSync(path.join(cwd, 'out/behaviours.md'), 'utf8')).toBe('by hand\n');
    expect((await pmkit('docs out')).out).toBe('out/behaviours.md\nout/series/README.md\nout/series/11-next.md is left over: remove it\n');
    expect(existsSync(path.join(cwd, 'out/series/11-next.md'))).toBe(true);
  });

  it('that cannot write says why', async () => {
    const cwd = scratch();
    writeFileSync(path.join(cwd, 'file'), '');
    const { code, err } = await session({ services, cwd })('docs file');
    expect(code).toBe(1);
    expect(err).toMatch(/^pmkit docs: .*file/);
    expect(err).not.toMatch(/\n {4}at /);
  });

  it('links only to what there is', async () => {
    const cwd = scratch();
    await session({ services, cwd })('docs docs');
    const ids = new Set(behaviours.map(({ id }) => id));
    const pages = ['overview.md', ...readdirSync(path.join(cwd, 'docs/series')).map((file) => `series/${file}`)];
    for (const file of pages) {
      const text = readFileSync(path.join(cwd, 'docs', file), 'utf8');
      for (const [, target] of text.matchAll(/\]\(([^)]+)\)/g)) {
        const [page, id] = target!.split('#');
        const at = path.join('docs', path.dirname(file), page!);
        expect([target, existsSync(path.join(at.startsWith('docs') ? cwd : root, at))]).toEqual([target, true]);
        if (id !== undefined) expect(ids).toContain(id);
      }
    }
  });

  it.each([
    ['mbind_migration_policy() and AS_DO_MMIGRATE', 'mbind_migration_policy() and AS_DO_MMIGRATE'],
    ['__user, *p < 0', '\\_\\_user, \\*p \\< 0'],
  ])('keeps %s from being taken for markup', (text, markdown) => {
    expect(escaped(text)).toBe(markdown);
  });
});
