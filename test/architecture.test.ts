/**
 * The architecture is held by rules, and a rule nobody has seen bite is a wish. Here snippets that break each promise
 * are given to the linter as configured, and the layers are held against what lies on disk.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
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

/** A snippet of code that lies in a file; what the linter says of it is known when all have been linted. */
class Snippet {
  readonly file: string;
  readonly code: string;
  messages: readonly string[] = [];

  constructor(file: string, code: string) {
    this.file = file;
    this.code = code;
  }
}
const snippets: Snippet[] = [];
function snippet(file: string, code: string): Snippet {
  const made = new Snippet(file, code);
  snippets.push(made);
  return made;
}

/** oxlint's report, as far as it is of interest here. */
interface Report { readonly diagnostics: readonly { readonly code?: string; readonly message: string; readonly help?: string; readonly filename: string }[] }

/** Runs the linter as it is configured over files that lie in a tree of their own. */
function lint(files: ReadonlyMap<string, string>, ...flags: readonly string[]): Report {
  const directory = mkdtempSync(path.join(tmpdir(), 'pmkit-lint-'));
  try {
    const config = read('.oxlintrc.json').replace('./lint/plugin.js', fileURLToPath(new URL('lint/plugin.js', root)));
    for (const [file, text] of new Map([...files, ['.oxlintrc.json', config]])) {
      mkdirSync(path.join(directory, path.dirname(file)), { recursive: true });
      writeFileSync(path.join(directory, file), text);
    }
    const { stdout } = spawnSync(process.execPath, [fileURLToPath(new URL('node_modules/oxlint/bin/oxlint', root)), '--format', 'json', ...flags], { cwd: directory, encoding: 'utf8' });
    return JSON.parse(stdout) as Report;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Lints all snippets at once. Those of one place lie side by side there. */
function lintSnippets(): void {
  const places = new Map(snippets.map((each, i) => [each.file.replace('snippet.ts', `snippet-${i}.ts`), each]));
  const { diagnostics } = lint(new Map([...places].map(([file, { code }]) => [file, code])));
  for (const [file, each] of places) {
    // what is not used in a snippet is not the question
    each.messages = diagnostics.filter(({ filename, code }) => filename.replaceAll('\\', '/') === file && !code?.includes('no-unused-vars')).map(({ message, help = '' }) => `${message} ${help}`);
  }
}

describe('the linter', { timeout: 60_000 }, () => {
  beforeAll(lintSnippets);

  const kernelFile = 'packages/mm-core/src/mm/snippet.ts';
  const patchFile = 'packages/p03-node-map-argument/src/mm/snippet.ts';
  const ourFile = 'packages/series/src/snippet.ts';

  describe('on imports', () => {
    it.each(([
      ['packages/linker/src/snippet.ts', '@pmkit/mm-core'],
      [kernelFile, '@pmkit/p01-steal-page-from-lru'],
      [kernelFile, '@pmkit/series'],
      [patchFile, '@pmkit/p04-sys-migrate-pages/mm/mmigrate'],
      ['packages/mm-core/test/snippet.ts', '@pmkit/machine'],
      ['packages/machine/src/snippet.ts', '@pmkit/cli'],
    ] as const).map(([file, upper]) => [
      file, upper,
      [`import * as upper from '${upper}';\nexport { upper };\n`, `export type { Upper } from '${upper}';\n`, `export type Upper = typeof import('${upper}');\n`, `await import('${upper}');\n`].map(code => snippet(file, code)),
    ] as const))('refuses the upward import in %s of %s', (_file, _upper, forms) => {
      for (const { code, messages } of forms) expect(messages, code).toEqual([expect.stringContaining('lies above')]);
    });

    it.each([
      '@pmkit/mm-core/src/mm/vmscan',
      '@pmkit/mm-core/dist/mm/vmscan.js',
      '@pmkit/mm-core/kernel-table',
      '@pmkit/mm-core/mm/vmscan.js',
      '@pmkit/linker/link',
    ].map(inside => [inside, snippet(ourFile, `import * as inner from '${inside}';\nexport { inner };\n`)] as const))('refuses the deep import of %s', (_, { messages }) => {
      expect(messages).toEqual([expect.stringContaining('import what its exports map opens')]);
    });

    it.each([
      [patchFile, '../../../mm-core/src/mm/vmscan.js'],
      ['packages/explore/record/snippet.ts', '../../mm-core/src/index.js'],
      ['packages/cli/test/snippet.ts', '../../cli/../series/package.json'],
      ['packages/cli/bin/snippet.ts', '../../series/dist/index.js'],
    ].map(([file, sideways]) => [file!, sideways!, snippet(file!, `export * from '${sideways!}';\n`)] as const))('refuses in %s a path into another package: %s', (_file, _path, { messages }) => {
      expect(messages).toEqual([expect.stringContaining('by its name (@pmkit/...), not by a path')]);
    });

    const [fromSource, fromTest] = ['packages/series/src/a/snippet.ts', 'packages/series/test/a/snippet.ts'].map(file => snippet(file, `export * from '../../test/fixture.js';\n`));
    it('refuses tests in sources', () => {
      expect(fromSource!.messages).toEqual([expect.stringContaining('Sources do not import tests')]);
      expect(fromTest!.messages).toEqual([]);
    });

    const [tool, typesOfTool, toolInTest, toolOfPage] = ([
      ['explorer/src', 'import'], ['explorer/src', 'import type'], ['explorer/test', 'import'], ['explorer/src/ui', 'import'],
    ] as const).map(([place, form]) => snippet(`packages/${place}/snippet.ts`, `${form} * as tool from 'svelte/store';\nexport { tool };\n`));
    it('refuses in sources what the package does not list under dependencies, but its types, in tests and on the page', () => {
      expect(tool!.messages).toEqual([expect.stringContaining('lists under dependencies')]);
      for (const { file, messages } of [typesOfTool!, toolInTest!, toolOfPage!]) expect(messages, file).toEqual([]);
    });

    it('refuses modules that need each other while loading, and no others', () => {
      const ring = (place: string, last: string): [string, string][] => ['b', 'c', 'a'].map((next, i) => [`packages/series/src/${place}/${'abc'.charAt(i)}.ts`, `${next === 'a' ? last : 'export *'} from './${next}.js';\n`]);
      const { diagnostics } = lint(new Map([...ring('values', 'export *'), ...ring('types', 'export type { A }')]));
      expect(diagnostics.map(({ filename, code }) => `${code} ${filename.replaceAll('\\', '/')}`).sort()).toEqual(['a', 'b', 'c'].map(file => `import(no-cycle) packages/series/src/values/${file}.ts`));
    });

    const [inKernel, inMachine] = [kernelFile, 'packages/machine/src/snippet.ts'].map(file => snippet(file, `export * from 'node:fs';\n`));
    it('refuses the host in kernel code', () => {
      expect(inKernel!.messages).toEqual([expect.stringContaining('Kernel code has no host')]);
      expect(inMachine!.messages).toEqual([]);
    });

    it.each(['@pmkit/linker', '@pmkit/mm-core', '@pmkit/mm-core/mm/vmscan', '@pmkit/mm-core/fs/xfs/linux-2.6/xfs_aops', '@pmkit/mm-core/testing']
      .map(open => [open, snippet(patchFile, `import * as lower from '${open}';\nexport { lower };\n`)] as const))('allows what lies below and is open: %s', (_, { messages }) => {
      expect(messages).toEqual([]);
    });
  });

  describe('on names', () => {
    it.each(['migrateVma', 'stealPageFromLru', 'MigrateVma', 'lruAdd'].map(name => [
      name, [kernelFile, patchFile].map(file => [snippet(file, `export function ${name}(): void {}\n`), snippet(file, `export const ${name} = (): number => 0;\n`)] as const),
    ] as const))('refuses the function %s in a kernel tree', (name, found) => {
      for (const [declared, assigned] of found) {
        expect(declared.messages).toEqual([expect.stringContaining(`'${name}' is exported from a kernel tree`)]);
        expect(assigned.messages).toEqual([expect.stringContaining('must be a kernel symbol')]);
      }
    });

    it.each([
      'schedule', 'steal_page_from_lru', '__alloc_pages', '_raw_spin_lock', 'PageLRU', 'SetPageLRU', 'TestClearPageLRU',
      'ClearPageUptodate', 'PG_lru', 'MPOL_F_NODE', 'VM_READ', '__GFP_WAIT', 'VM_RandomReadHint', 'pte_ERROR', 'BUG', 'i_size_read',
    ].map(name => [name, snippet(kernelFile, `export function ${name}(): void {}\nexport const a = ${name};\n`)] as const))('allows the kernel name %s in a kernel tree', (_, { messages }) => {
      expect(messages).toEqual([]);
    });

    const locals = snippet(kernelFile, 'export function f(nr_pages: number, pageCount: number): number {\n  const old_count = nr_pages;\n  const newCount = pageCount;\n  return old_count + newCount;\n}\n');
    it('leaves locals of kernel functions free', () => {
      expect(locals.messages).toEqual([]);
    });

    it.each(['function push_patch(): void {}', 'export const push_patch = 1;', 'export const push_patch = (): number => 1;'].map(code => [
      code, [ourFile, 'packages/mm-core/src/snippet.ts', 'packages/p03-node-map-argument/src/snippet.ts'].map(file => snippet(file, `${code}\n`)),
    ] as const))('refuses the kernel vocabulary outside the kernel trees: %s', (_, found) => {
      for (const { file, messages } of found) expect(messages, file).toEqual([expect.stringContaining("'push_patch' is not camelCase")]);
    });

    it.each(['const node_map = 1;', 'const f = (node_map: number): number => node_map;', 'class A { node_map(): void {} }']
      .map(code => [code, snippet(ourFile, `${code}\n`), snippet('packages/mm-core/src/snippet.ts', `${code}\n`)] as const))('refuses it in locals too, except in packages that hold kernel state: %s', (code, ours, border) => {
      expect(ours.messages).toEqual([expect.stringContaining("'node_map' is not camelCase")]);
      expect(border.messages).toHaveLength(code.startsWith('class') ? 1 : 0);
    });

    it.each(['interface node_map { a: 1 }', 'type node_map = 1', 'class node_map { a = 1 }', 'type F<node_map> = node_map']
      .map(code => [code, snippet(ourFile, `export ${code}\n`), snippet(kernelFile, `export ${code}\n`)] as const))('refuses the name of a type that is not PascalCase, but in a kernel tree: %s', (_, ours, kernel) => {
      expect(ours.messages).toEqual([expect.stringContaining("The type 'node_map' is not PascalCase")]);
      expect(kernel.messages.filter(message => message.includes('PascalCase'))).toEqual([]);
    });

    const taken = snippet(ourFile, 'export const table = { nr_free: 1 };\nconst { nr_free } = table;\nexport const freePages = nr_free;\n');
    it('allows kernel names as properties and as taken out of objects', () => {
      expect(taken.messages).toEqual([]);
    });
  });

  const clocks = [...kernelPackages, 'linker', 'series', 'machine'].map(name => snippet(`packages/${name}/src/snippet.ts`, 'export const t = [Date.now(), Math.random()];\n'));
  const inBench = snippet('packages/bench/src/snippet.ts', 'export const t = [performance.now()];\n');
  it('refuses the clock and chance, but in the benchmarks', () => {
    for (const { file, messages } of clocks) expect(messages, file).toEqual([expect.stringContaining('the clock of the machine'), expect.stringContaining('a seeded generator')]);
    expect(inBench.messages).toEqual([]);
  });

  const long = snippet(kernelFile, `${'// line\n'.repeat(701)}export const a = 1;\n`);
  it('refuses a file that nobody can read in one sitting', () => {
    expect(long.messages).toEqual([expect.stringMatching(/too many lines/i)]);
  });

  const recommended = snippet(ourFile, 'export const f = (a: number): boolean => a === NaN || a == 1;\nexport const b: any = 1;\n');
  it('refuses what is recommended to be refused', () => {
    expect(recommended.messages).toHaveLength(3);
  });

  it('refuses what only types can tell, with the native compiler', () => {
    const tsconfig = '{ "compilerOptions": { "strict": true }, "include": ["packages"] }';
    const { diagnostics } = lint(new Map([['tsconfig.json', tsconfig], ['packages/series/src/a.ts', 'const f = async (): Promise<void> => {};\nf();\n']]), '--type-aware');
    expect(diagnostics.map(({ code }) => code)).toContainEqual(expect.stringContaining('no-floating-promises'));
  });
});
