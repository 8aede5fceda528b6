/**
 * The kernel of a level, linked by the real linker from the base tree and the packages of the patches. Everything is loaded
 * here and only here, and late: to ask for the top of a stack nobody needs a kernel.
 */
import type { AnyPatch, Definitions, Series as SeriesOf } from '@pmkit/linker';
import type { PatchEntry } from './series-file.js';

/** By the names in the series file; a test holds them against `package` there. */
const loaders: Readonly<Record<string, () => Promise<{ readonly patch: AnyPatch }>>> = {
  '@pmkit/p01-steal-page-from-lru': () => import('@pmkit/p01-steal-page-from-lru'),
  '@pmkit/p02-xfs-migrate-page': () => import('@pmkit/p02-xfs-migrate-page'),
  '@pmkit/p03-node-map-argument': () => import('@pmkit/p03-node-map-argument'),
  '@pmkit/p04-sys-migrate-pages': () => import('@pmkit/p04-sys-migrate-pages'),
  '@pmkit/p05-mempolicy-migration': () => import('@pmkit/p05-mempolicy-migration'),
  '@pmkit/p06-mbind-control': () => import('@pmkit/p06-mbind-control'),
  '@pmkit/p07-migration-selection': () => import('@pmkit/p07-migration-selection'),
  '@pmkit/p08-cpuset-support': () => import('@pmkit/p08-cpuset-support'),
  '@pmkit/p09-permissions-check': () => import('@pmkit/p09-permissions-check'),
  '@pmkit/n10-memsection-migrate': () => import('@pmkit/n10-memsection-migrate'),
  '@pmkit/n11-pass-page-list': () => import('@pmkit/n11-pass-page-list'),
  '@pmkit/p10-hotplug-fixup': () => import('@pmkit/p10-hotplug-fixup'),
};

/** The patch itself. @throws TypeError when the entry is none of the series */
export async function loadPatch(entry: PatchEntry): Promise<AnyPatch> {
  const load = loaders[entry.package];
  if (load === undefined) throw new TypeError(`no package ${entry.package} for patch ${entry.name}`);
  return (await load()).patch;
}

/** The base tree with `applied` pushed, whether it builds or not. */
export async function treeOf(applied: readonly PatchEntry[]): Promise<Definitions> {
  const [{ Series }, { base }] = await Promise.all([import('@pmkit/linker'), import('@pmkit/mm-core')]);
  let series: Pick<SeriesOf<string, unknown>, 'definitions' | 'pushUnchecked'> = Series.of(base);
  for (const entry of applied) series = series.pushUnchecked(await loadPatch(entry));
  return series.definitions;
}

/**
 * Pushes `applied` on the base tree and links the result.
 *
 * @throws LinkError with what compiler and linker would say, when that tree does not build.
 */
export async function linkLevel(applied: readonly PatchEntry[]): Promise<void> {
  const [linker, definitions] = await Promise.all([import('@pmkit/linker'), treeOf(applied)]);
  // Whether a tree builds does not hang on the machine it will run on; the linker only has to know what its row is called.
  const errors = linker.linkErrors(definitions, { m: undefined });
  if (errors.length > 0) throw new linker.LinkError(errors);
}

export interface SymbolChange {
  readonly name: string;
  readonly change: 'replaces' | 'reprototypes' | 'adds';
  readonly isFunction: boolean;
}

/** A kernel file that a patch touches, and what it does to the symbols in it. */
export interface TouchedFile {
  /** As the kernel calls it: `mm/mmigrate.c`. */
  readonly file: string;
  /** Whether the tree below has no such file. */
  readonly isNew: boolean;
  readonly symbols: readonly SymbolChange[];
}

/** The files that `entry` touches in a tree where `below` is applied, sorted as a diff sorts them. */
export async function touchedFiles(entry: PatchEntry, below: readonly PatchEntry[]): Promise<readonly TouchedFile[]> {
  const [patch, { base }, ...lower] = await Promise.all([loadPatch(entry), import('@pmkit/mm-core'), ...below.map(loadPatch)]);
  const known = new Set([...Object.keys(base.objects), ...lower.flatMap((other) => [...changesOf(other).keys()])]);
  const files = [...changesOf(patch)].map(([file, symbols]) => ({ file, isNew: !known.has(file), symbols }));
  return files.sort((a, b) => (a.file < b.file ? -1 : 1));
}

function changesOf(patch: AnyPatch): Map<string, SymbolChange[]> {
  const files = new Map<string, SymbolChange[]>();
  for (const change of ['replaces', 'reprototypes', 'adds'] as const) {
    for (const [file, object] of Object.entries(patch[change])) {
      const symbols = files.get(file) ?? [];
      for (const [name, value] of Object.entries(object)) symbols.push({ name, change, isFunction: typeof value === 'function' });
      files.set(file, symbols);
    }
  }
  return files;
}
