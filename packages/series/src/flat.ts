/**
 * The flat kernels: each level printed as one module at build time, for runs in which nobody looks on. A kernel of a level whose flat form is loaded goes through it by
 * itself wherever it runs to completion: system calls (syscall(), syscallOutcome()) and page faults (touch(), load(), store()). Tracing, replacing a function, and the explorer of
 * interleavings take the table.
 */
import { definitionsOf, registerFlat, type FlatTree } from '@pmkit/linker';
import { levels, TOP_LEVEL, type AnyKernel } from './levels.js';

interface Printed { readonly FlatKernel: FlatTree }

/** One import for each level, so that a bundler finds them; Node, the browser and a strict content security policy take them as they are. */
const printed: readonly (() => Promise<Printed>)[] = [
  () => import('#flat/level-00'), () => import('#flat/level-01'), () => import('#flat/level-02'), () => import('#flat/level-03'),
  () => import('#flat/level-04'), () => import('#flat/level-05'), () => import('#flat/level-06'), () => import('#flat/level-07'),
  () => import('#flat/level-08'), () => import('#flat/level-09'), () => import('#flat/level-10'),
];

const loaded = new Map<number, Promise<void>>();

/**
 * Loads the flat kernel of a level, once; booted kernels of that level have it from then on, too.
 * @throws {RangeError} when there is no such level.
 */
export async function loadFlat(level: number): Promise<void> {
  const load = printed[level];
  if (load === undefined) throw new RangeError(`level: expected 0 to ${TOP_LEVEL}, found ${level}`);
  let loading = loaded.get(level);
  if (loading === undefined) loaded.set(level, (loading = load().then(({ FlatKernel }) => { registerFlat(levels[level]!, FlatKernel); })));
  await loading;
}

/** Loads the flat kernel of the level that a kernel is linked from now. Nothing is printed of other trees: kernels of those have none. */
export async function loadFlatOf(kernel: AnyKernel): Promise<void> {
  const definitions = definitionsOf(kernel);
  const level = levels.findIndex(each => each.definitions === definitions);
  if (level >= 0) await loadFlat(level);
}

/** Loads the flat kernels of all levels. */
export async function loadAllFlat(): Promise<void> {
  await Promise.all(printed.map(async (_, level) => loadFlat(level)));
}
