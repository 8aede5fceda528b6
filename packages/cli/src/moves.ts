/** Push and pop carried out: linked, told, and written down one patch at a time, as quilt does it. */
import { withPopped, withPushed, type PatchEntry, type Stack, type TouchedFile } from '@pmkit/series/stack';
import { buildLog, type BuildFailure } from './build-log.js';
import type { Services } from './context.js';
import { CommandError, EXIT_FAILED } from './errors.js';
import type { Io } from './io.js';
import type { Store } from './store.js';

export interface MoveOptions {
  readonly quiet?: boolean | undefined;
  readonly verbose?: boolean | undefined;
  readonly force?: boolean | undefined;
}

interface Move {
  readonly io: Io;
  readonly services: Services;
  readonly store: Store;
  readonly options: MoveOptions;
}

/**
 * Pushes the patches of `plan`. Trees that do not build are told, and passed over while a later one of the plan builds. When none does, the
 * patch that broke the tree is not applied, and what was pushed before stays.
 */
export async function push(move: Move, stack: Stack, plan: readonly PatchEntry[]): Promise<Stack> {
  const { io, services, store, options } = move;
  let current = stack;
  for (const [at, patch] of plan.entries()) {
    io.stdout(`Applying patch ${patch.name}\n`);
    const files = await services.touchedFiles(patch, current.applied);
    if (options.quiet !== true) tellFiles(io, files, () => 'patching file', options.verbose);
    const pushed = withPushed(current, patch);
    const log = await buildErrors(services, pushed);
    if (log !== null) io.stderr(`${log}\n`);
    if (log !== null && options.force !== true && !(await buildsLater(services, pushed, plan.slice(at + 1)))) {
      throw new CommandError(EXIT_FAILED, `Patch ${patch.name} does not build on this tree (enforce with -f)`);
    }
    store.save(pushed);
    current = pushed;
    if (log !== null) io.stdout(`Applied patch ${patch.name} (${options.force === true ? 'forced; ' : ''}this tree does not build)\n`);
    if (options.quiet !== true) io.stdout('\n');
  }
  return current;
}

/** What a build of the tree prints; null if it builds. */
async function buildErrors(services: Services, stack: Stack): Promise<string | null> {
  try {
    await services.linkLevel(stack.applied);
    return null;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'LinkError') throw error;
    return buildLog(error as BuildFailure);
  }
}

async function buildsLater(services: Services, stack: Stack, rest: readonly PatchEntry[]): Promise<boolean> {
  let current = stack;
  for (const patch of rest) {
    current = withPushed(current, patch);
    if ((await buildErrors(services, current)) === null) return true;
  }
  return false;
}

/** Pops the patches of `plan`. The tree below has been linked before, when the patch above it was pushed. */
export async function pop({ io, services, store, options }: Move, stack: Stack, plan: readonly PatchEntry[]): Promise<Stack> {
  let current = stack;
  for (const patch of plan) {
    const popped = withPopped(current, patch);
    io.stdout(`Removing patch ${patch.name}\n`);
    if (options.quiet !== true) {
      const files = await services.touchedFiles(patch, popped.applied);
      tellFiles(io, files, ({ isNew }) => (isNew ? 'Removing' : 'Restoring'), options.verbose);
    }
    store.save(popped);
    current = popped;
    if (options.quiet !== true) io.stdout('\n');
  }
  return current;
}

/** quilt's last line after a push or a pop. */
export function tellTop(io: Io, { applied }: Stack): void {
  const top = applied.at(-1);
  io.stdout(top === undefined ? 'No patches applied\n' : `Now at patch ${top.name}\n`);
}

const VERBS = { replaces: 'replaces', reprototypes: 'changes the prototype of', adds: 'adds' } as const;

function tellFiles(io: Io, files: readonly TouchedFile[], verb: (file: TouchedFile) => string, verbose: boolean | undefined): void {
  for (const file of files) {
    io.stdout(`${verb(file)} ${file.file}\n`);
    if (verbose !== true) continue;
    for (const { name, change, isFunction } of file.symbols) io.stdout(`  ${VERBS[change]} ${name}${isFunction ? '()' : ''}\n`);
  }
}
