/**
 * The architecture is held by rules, and a rule nobody has seen bite is a wish. Here snippets that break each promise
 * are given to the linter as configured, and the layers are held against what lies on disk.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import { beforeAll, describe, expect, it } from 'vitest';
import { kernelPackages, layers } from '../layers.js';

const root = new URL('..', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8');

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}
const manifests = layers.map((name) => JSON.parse(read(`packages/${name}/package.json`)) as Manifest);

describe('the layers', () => {
  it('are the directories of packages/, all of them and no others', () => {
    const directories = readdirSync(new URL('packages', root)).filter((name) => existsSync(new URL(`packages/${name}/package.json`, root)));
    expect(directories.sort()).toEqual([...layers].sort());
  });

  it('give each package its name', () => {
    expect(manifests.map(({ name }) => name)).toEqual(layers.map((name) => `@pmkit/${name}`));
  });

  it.each(layers)('let %s depend on lower layers only', (name) => {
    const level = layers.indexOf(name);
    const used = Object.keys(manifests[level]!.dependencies ?? {}).filter((other) => other.startsWith('@pmkit/'));
    const lower = layers.slice(0, level).map((other) => `@pmkit/${other}`);
    expect(lower).toEqual(expect.arrayContaining(used));
  });

  it('are released together: every published package is in the fixed group, at one version', () => {
    const published = manifests.filter((manifest) => manifest.private !== true);
    const { fixed } = JSON.parse(read('.changeset/config.json')) as { fixed: string[][] };
    expect(fixed).toEqual([published.map(({ name }) => name)]);
    expect(new Set(published.map(({ version }) => version)).size).toBe(1);
  });
});

describe('the linter', () => {
  let eslint: ESLint;

  beforeAll(() => {
    eslint = new ESLint({ cwd: fileURLToPath(root) });
  });

  /** What the linter says about a snippet lying in `file`, unused variables apart. */
  async function complaints(file: string, code: string): Promise<string[]> {
    const [result] = await eslint.lintText(code, { filePath: fileURLToPath(new URL(file, root)) });
    return result!.messages.filter(({ ruleId }) => ruleId !== '@typescript-eslint/no-unused-vars').map(({ message }) => message);
  }

  const kernelFile = 'packages/mm-core/src/mm/snippet.ts';
  const patchFile = 'packages/p03-node-map-argument/src/mm/snippet.ts';
  const ourFile = 'packages/series/src/snippet.ts';

  describe('on imports', () => {
    it.each([
      ['packages/linker/src/snippet.ts', '@pmkit/mm-core'],
      [kernelFile, '@pmkit/p01-steal-page-from-lru'],
      [kernelFile, '@pmkit/series'],
      [patchFile, '@pmkit/p04-sys-migrate-pages/mm/mmigrate'],
      ['packages/mm-core/test/snippet.ts', '@pmkit/machine'],
      ['packages/machine/src/snippet.ts', '@pmkit/cli'],
    ])('refuses the upward import in %s of %s', async (file, upper) => {
      const says = expect.stringContaining('lies above') as unknown;
      expect(await complaints(file, `import * as upper from '${upper}';\nexport { upper };\n`)).toEqual([says]);
      expect(await complaints(file, `export type { Upper } from '${upper}';\n`)).toEqual([says]);
      expect(await complaints(file, `export type Upper = typeof import('${upper}');\n`)).toContainEqual(says);
      expect(await complaints(file, `await import('${upper}');\n`)).toEqual([says]);
    });

    it.each([
      '@pmkit/mm-core/src/mm/vmscan',
      '@pmkit/mm-core/dist/mm/vmscan.js',
      '@pmkit/mm-core/machine',
      '@pmkit/mm-core/mm/vmscan.js',
      '@pmkit/linker/link',
    ])('refuses the deep import of %s', async (inside) => {
      const messages = await complaints(ourFile, `import * as inner from '${inside}';\nexport { inner };\n`);
      expect(messages).toEqual([expect.stringContaining('import what its exports map opens')]);
    });

    it('refuses a path into another package', async () => {
      const messages = await complaints(patchFile, `export * from '../../../mm-core/src/mm/vmscan.js';\n`);
      expect(messages).toEqual([expect.stringContaining('by its name (@pmkit/...), not by a path')]);
    });

    it('refuses the host in kernel code', async () => {
      expect(await complaints(kernelFile, `export * from 'node:fs';\n`)).toEqual([expect.stringContaining('Kernel code has no host')]);
      expect(await complaints('packages/machine/src/snippet.ts', `export * from 'node:fs';\n`)).toEqual([]);
    });

    it.each(['@pmkit/linker', '@pmkit/mm-core', '@pmkit/mm-core/mm/vmscan', '@pmkit/mm-core/fs/xfs/linux-2.6/xfs_aops', '@pmkit/mm-core/testing'])(
      'allows what lies below and is open: %s',
      async (open) => {
        expect(await complaints(patchFile, `import * as lower from '${open}';\nexport { lower };\n`)).toEqual([]);
      },
    );
  });

  describe('on names', () => {
    it.each(['migrateVma', 'stealPageFromLru', 'MigrateVma', 'lruAdd'])('refuses the function %s in a kernel tree', async (name) => {
      for (const file of [kernelFile, patchFile]) {
        expect(await complaints(file, `export function ${name}(): void {}\n`)).toEqual([expect.stringContaining(`'${name}' is exported from a kernel tree`)]);
        expect(await complaints(file, `export const ${name} = (): number => 0;\n`)).toEqual([expect.stringContaining('must be a kernel symbol')]);
      }
    });

    it.each([
      'schedule', 'steal_page_from_lru', '__alloc_pages', '_raw_spin_lock', 'PageLRU', 'SetPageLRU', 'TestClearPageLRU',
      'ClearPageUptodate', 'PG_lru', 'MPOL_F_NODE', 'VM_READ', '__GFP_WAIT', 'VM_RandomReadHint', 'pte_ERROR', 'BUG', 'i_size_read',
    ])('allows the kernel name %s in a kernel tree', async (name) => {
      expect(await complaints(kernelFile, `export function ${name}(): void {}\nexport const a = ${name};\n`)).toEqual([]);
    });

    it('leaves locals of kernel functions free', async () => {
      const code = 'export function f(nr_pages: number, pageCount: number): number {\n  const old_count = nr_pages;\n  const newCount = pageCount;\n  return old_count + newCount;\n}\n';
      expect(await complaints(kernelFile, code)).toEqual([]);
    });

    it.each(['function push_patch(): void {}', 'export const push_patch = 1;', 'export const push_patch = (): number => 1;'])(
      'refuses the kernel vocabulary outside the kernel trees: %s',
      async (code) => {
        for (const file of [ourFile, 'packages/mm-core/src/snippet.ts', 'packages/p03-node-map-argument/src/index.ts']) {
          expect(await complaints(file, `${code}\n`)).toEqual([expect.stringContaining("'push_patch' is not camelCase")]);
        }
      },
    );

    it.each(['const node_map = 1;', 'const f = (node_map: number): number => node_map;', 'class A { node_map(): void {} }'])(
      'refuses it in locals too, except in packages that hold kernel state: %s',
      async (code) => {
        expect(await complaints(ourFile, `${code}\n`)).toEqual([expect.stringContaining("'node_map' is not camelCase")]);
        const border = await complaints('packages/mm-core/src/snippet.ts', `${code}\n`);
        expect(border).toHaveLength(code.startsWith('class') ? 1 : 0);
      },
    );

    it.each(['interface node_map { a: 1 }', 'type node_map = 1', 'class node_map { a = 1 }', 'type F<node_map> = node_map'])('refuses the name of a type that is not PascalCase, but in a kernel tree: %s', async (code) => {
      expect(await complaints(ourFile, `export ${code}\n`)).toEqual([expect.stringContaining("The type 'node_map' is not PascalCase")]);
      expect((await complaints(kernelFile, `export ${code}\n`)).filter((message) => message.includes('PascalCase'))).toEqual([]);
    });

    it('allows kernel names as properties and as taken out of objects', async () => {
      const code = 'export const table = { nr_free: 1 };\nconst { nr_free } = table;\nexport const freePages = nr_free;\n';
      expect(await complaints(ourFile, code)).toEqual([]);
    });
  });

  it('refuses the clock and chance', async () => {
    for (const name of [...kernelPackages, 'linker', 'series', 'machine']) {
      const messages = await complaints(`packages/${name}/src/snippet.ts`, 'export const t = [Date.now(), Math.random()];\n');
      expect(messages).toEqual([expect.stringContaining('the clock of the machine'), expect.stringContaining('a seeded generator')]);
    }
  });

  it('refuses what only types can tell, with the native compiler', { timeout: 60_000 }, () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'pmkit-lint-'));
    try {
      writeFileSync(path.join(directory, 'tsconfig.json'), '{ "compilerOptions": { "strict": true }, "files": ["a.ts"] }');
      writeFileSync(path.join(directory, 'a.ts'), 'const f = async (): Promise<void> => {};\nf();\n');
      const oxlint = fileURLToPath(new URL('node_modules/oxlint/bin/oxlint', root));
      const config = fileURLToPath(new URL('.oxlintrc.json', root));
      const { stdout, status } = spawnSync(process.execPath, [oxlint, '--type-aware', '-c', config, '--format', 'unix'], { cwd: directory, encoding: 'utf8' });
      expect(stdout).toContain('no-floating-promises');
      expect(status).toBe(1);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('refuses a file that nobody can read in one sitting', async () => {
    expect(await complaints(kernelFile, `${'// line\n'.repeat(701)}export const a = 1;\n`)).toEqual([expect.stringContaining('too many lines')]);
  });
});
