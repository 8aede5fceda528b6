/** Push and pop carried out: linked, told in quilt's words, and written down one patch at a time, as quilt does it. */
import { buildLog, type BuildFailure } from './build-log.js';
import { StackError } from './errors.js';
import type { TouchedFile } from './link-level.js';
import type { PatchEntry } from './series-file.js';
import { withPopped, withPushed, type Stack } from './stack.js';

export interface MoveOptions {
  /** The files are not named. */
  readonly quiet?: boolean | undefined;
  /** The symbols are named too. */
  readonly verbose?: boolean | undefined;
  /** A tree that does not build is no reason to stop. */
  readonly force?: boolean | undefined;
}

/** Where the stack lives, and who is told. */
export interface Mover {
  stdout(text: string): void;
  stderr(text: string): void;
  /** @throws LinkError when the tree with `applied` does not build. */
  linkLevel(applied: readonly PatchEntry[]): Promise<void>;
  touchedFiles(entry: PatchEntry, below: readonly PatchEntry[]): Promise<readonly TouchedFile[]>;
  /** Called after every patch. */
  save(stack: Stack): void;
}

/**
 * Pushes the patches of `plan`. Trees that do not build are told, and passed over while a later one of the plan builds. When none does, the
 * patch that broke the tree is not applied, and what was pushed before stays.
 * @throws StackError 'does not build'
 */
export async function pushPatches(mover: Mover, options: MoveOptions, stack: Stack, plan: readonly PatchEntry[]): Promise<Stack> {
  let current = stack;
  for (const [at, patch] of plan.entries()) {
    mover.stdout(`Applying patch ${patch.name}\n`);
    const files = await mover.touchedFiles(patch, current.applied);
    if (options.quiet !== true) tellFiles(mover, files, () => 'patching file', options.verbose);
    const pushed = withPushed(current, patch);
    const log = await buildErrors(mover, pushed);
    if (log !== null) mover.stderr(`${log}\n`);
    if (log !== null && options.force !== true && !(await buildsLater(mover, pushed, plan.slice(at + 1)))) {
      throw new StackError('does not build', `Patch ${patch.name} does not build on this tree (enforce with -f)`);
    }
    mover.save(pushed);
    current = pushed;
    if (log !== null) mover.stdout(`Applied patch ${patch.name} (${options.force === true ? 'forced; ' : ''}this tree does not build)\n`);
    if (options.quiet !== true) mover.stdout('\n');
  }
  return current;
}

/** What a build of the tree prints; null if it builds. */
async function buildErrors(mover: Mover, stack: Stack): Promise<string | null> {
  try {
    await mover.linkLevel(stack.applied);
    return null;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'LinkError') throw error;
    return buildLog(error as BuildFailure);
  }
}

async function buildsLater(mover: Mover, stack: Stack, rest: readonly PatchEntry[]): Promise<boolean> {
  let current = stack;
  for (const patch of rest) {
    current = withPushed(current, patch);
    if ((await buildErrors(mover, current)) === null) return true;
  }
  return false;
}

/** Pops the patches of `plan`. The tree below has been linked before, when the patch above it was pushed. */
export async function popPatches(mover: Mover, options: MoveOptions, stack: Stack, plan: readonly PatchEntry[]): Promise<Stack> {
  let current = stack;
  for (const patch of plan) {
    const popped = withPopped(current, patch);
    mover.stdout(`Removing patch ${patch.name}\n`);
    if (options.quiet !== true) {
      const files = await mover.touchedFiles(patch, popped.applied);
      tellFiles(mover, files, ({ isNew }) => (isNew ? 'Removing' : 'Restoring'), options.verbose);
    }
    mover.save(popped);
    current = popped;
    if (options.quiet !== true) mover.stdout('\n');
  }
  return current;
}

/** quilt's last line after a push or a pop. */
export function nowAt({ applied }: Stack): string {
  const top = applied.at(-1);
  return top === undefined ? 'No patches applied\n' : `Now at patch ${top.name}\n`;
}

/** quilt's reading of `[num|patch]`: digits are a number of patches. */
export function reachOf(word: string | undefined, all: boolean | undefined): { all: true } | { count: number } | { patch: string } {
  if (all === true) return { all };
  if (word === undefined) return { count: 1 };
  return /^\d+$/.test(word) ? { count: Number(word) } : { patch: word };
}

/** quilt series -v: a mark in front, `=` the topmost patch, `+` those below it. */
export function seriesMark({ applied }: Stack, at: number): string {
  return at === applied.length - 1 ? '= ' : at < applied.length ? '+ ' : '  ';
}

const VERBS = { replaces: 'replaces', reprototypes: 'changes the prototype of', adds: 'adds' } as const;

function tellFiles(mover: Mover, files: readonly TouchedFile[], verb: (file: TouchedFile) => string, verbose: boolean | undefined): void {
  for (const file of files) {
    mover.stdout(`${verb(file)} ${file.file}\n`);
    if (verbose !== true) continue;
    for (const { name, change, isFunction } of file.symbols) mover.stdout(`  ${VERBS[change]} ${name}${isFunction ? '()' : ''}\n`);
  }
}
