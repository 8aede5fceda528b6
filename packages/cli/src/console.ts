/** The machine that `pmkit shell` and `pmkit run` sit down at, and the options that describe it. */
import { InvalidArgumentError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Box } from '@pmkit/machine/console';
import type { Tree } from '@pmkit/series/catalogue';
import type { SeriesTable } from '@pmkit/series/stack';
import type { Context } from './context.js';
import { CommandError, EXIT_FAILED, EXIT_MISUSE } from './errors.js';
import { STACK, TRUST, type Levels, type StackOptions } from './import/stack-option.js';
import { findMachine, MACHINE_HELP } from './import/source.js';
import { FileStore } from './store.js';
import { AT_OPTION, fromVariable, LEVEL_VARIABLE, TREE_VARIABLE, variable } from './stack-options.js';
import { parseTree, TREE_HELP, treeWord } from './tree-argument.js';

export interface MachineOptions extends StackOptions { readonly at?: string | undefined; readonly machine?: string | undefined; readonly swap?: number | undefined; readonly user?: number | undefined }

const number = (most: number) => (text: string): number => {
  if (!/^\d+$/.test(text) || Number(text) > most) throw new InvalidArgumentError(`Expected a whole number up to ${most}.`);
  return Number(text);
};

/** Adds the options; `T` keeps the command's type. */
export function withMachineOptions<T extends CommandUnknownOpts>(command: T): T {
  command
    .option(AT_OPTION, `${TREE_HELP}. Default: PMKIT_TREE or PMKIT_LEVEL, if set; the stack of the working directory, if there is one; else all patches`)
    .option('--machine <machine>', `${MACHINE_HELP}. Default: 16 nodes of 128 MB with 2 CPUs each`)
    .option('--swap <pages>', 'slots of the swap area that is on; 0 for none. Default: a quarter of the memory', number(2 ** 24))
    .option('--user <uid>', 'whose shell it is. Default: 0, root', number(65534))
    .addOption(STACK).addOption(TRUST);
  return command;
}

/** The trees that `--at` names: `4`, `0-10`, `all`, a patch; one that is none: where the stack stands. @throws CommandError (misuse) */
export async function treesAt(context: Context, at: string | undefined): Promise<readonly Tree[]> {
  const { series } = await context.services();
  const { TOP_LEVEL } = await import('@pmkit/series/levels');
  const [, first, last] = /^(\d+)-(\d+)$/.exec(at === 'all' ? `0-${TOP_LEVEL}` : (at ?? '')) ?? [];
  if (first === undefined || last === undefined) return [await findTree(context, at)];
  if (Number(first) > Number(last)) throw new CommandError(EXIT_MISUSE, `--at ${at!}: expected the lower level first`);
  return Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => parseTree(series, String(Number(first) + i)));
}

/** `Level 4: add-sys_migrate_pages-rc3.patch` */
export function treeTitle({ base, entries }: SeriesTable, tree: Tree): string {
  const top = tree.level === 0 ? base : entries.find(entry => entry.number === tree.level)?.name;
  return `Level ${treeWord(tree)}: ${top ?? ''}`;
}

/** Those that `pmkit shell` and `pmkit run` boot, of the kit or of a stack that was sent: there the highest level, if none is named. @throws CommandError (misuse) */
export async function readyTrees(context: Context, levels: Levels, at: string | undefined): Promise<readonly Tree[]> {
  const named = at ?? variable(context.io, TREE_VARIABLE) ?? variable(context.io, LEVEL_VARIABLE);
  const trees = named === undefined && levels.top !== null ? [levels.top] : await treesAt(context, at);
  const { LEVEL_TREES } = await import('@pmkit/series/catalogue');
  if (levels.areSent) await levels.ready(LEVEL_TREES, false); // quilt on the machine leads to any of them
  return levels.ready(trees, at !== 'all');
}

/** The machine, booted. @throws CommandError for what is wrong with the options, or a tree that does not build. */
export async function bootBox(name: string, tree: Tree, { machine, swap, user }: MachineOptions): Promise<Box> {
  const { Box, programs } = await import('@pmkit/machine/console');
  const { machineConfig, uniformTopology } = await import('@pmkit/machine');
  const { LinkError } = await import('@pmkit/linker');
  const topology = (await findMachine(name, machine)) ?? uniformTopology({ nodes: 16, pagesPerNode: 8192, name: 'pmkit' });
  try {
    return new Box({ tree, machine: machineConfig(topology), programs, ...(swap === undefined ? {} : { swap }), ...(user === undefined ? {} : { uid: user }) });
  } catch (error) {
    if (error instanceof LinkError) throw new CommandError(EXIT_FAILED, error.message, { cause: error });
    if (error instanceof RangeError) throw new CommandError(EXIT_MISUSE, `pmkit ${name}: ${error.message}`, { cause: error });
    throw error;
  }
}

export async function findTree(context: Context, at: string | undefined): Promise<Tree> {
  const { series } = await context.services();
  if (at !== undefined) return parseTree(series, at);
  for (const name of [TREE_VARIABLE, LEVEL_VARIABLE]) {
    const value = variable(context.io, name);
    if (value !== undefined) return fromVariable(name, () => parseTree(series, value));
  }
  const top = new FileStore(series, context.io.cwd).loadIfThere()?.applied.at(-1);
  if (top === undefined) return { level: 10, hotplug: false };
  return top.number === undefined ? { level: 9, hotplug: true } : { level: top.number, hotplug: false };
}
