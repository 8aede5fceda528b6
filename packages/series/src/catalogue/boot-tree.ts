/** Boots a kernel of any tree of the series. */
import { LinkError, linkErrors, linkUnchecked, relink, type Definitions } from '@pmkit/linker';
import { createMachine, start, type Machine, type MachineConfig } from '@pmkit/mm-core';
import { bootAt, goTo, hotplugAt, hotplugKernelAt, type AnyKernel } from '../levels.js';
import { checkLiveChange } from '../live.js';
import type { Tree } from './behaviour.js';

/** A tree that is not the kit's: its symbols, and what makes the machine that they run on. */
export interface OtherTree { readonly definitions: Definitions; readonly createMachine: (config: MachineConfig) => Machine }

export interface OtherTrees {
  has(tree: Tree): boolean;
  /** @throws {RangeError} for a tree that there is not. */
  find(tree: Tree): OtherTree;
}

let otherTrees: OtherTrees | null = null;

/** From here on other trees take the place of the kit's wherever one is booted in this thread: those of patches that somebody has sent. null: the kit's own again. */
export function takeTrees(trees: OtherTrees | null): void {
  otherTrees = trees;
}

/** Whether the trees are others than the kit's. */
export const hasOtherTrees = (): boolean => otherTrees !== null;

/** Whether there is such a tree, building or not: of the kit's there are all. */
export const hasTree = (tree: Tree): boolean => otherTrees?.has(tree) ?? true;

/** @throws {LinkError} when the tree does not build; no machine is made then. */
export function bootTree(tree: Tree, config: MachineConfig): AnyKernel {
  if (otherTrees !== null) return bootOther(otherTrees.find(tree), config);
  const { level, hotplug } = tree;
  if (!hotplug) return bootAt(level, config);
  checkLinks(hotplugAt(level).definitions);
  return start(hotplugKernelAt(level, createMachine(config)));
}

function checkLinks(definitions: Definitions): void {
  const errors = linkErrors(definitions, { m: undefined });
  if (errors.length > 0) throw new LinkError(errors);
}

/**
 * Boots a tree that is not the kit's.
 * @throws {LinkError} when it does not build.
 */
export function bootOther(tree: OtherTree, config: MachineConfig): AnyKernel {
  checkLinks(tree.definitions);
  return start(linkUnchecked(tree, { m: tree.createMachine(config) }) as AnyKernel);
}

/**
 * Exchanges the code of a running kernel for that of a level, as goTo() of the levels does.
 * @throws {LiveChangeError} when a task sleeps inside code that would be replaced; {RangeError} for a level that there is not; {LinkError} when it does not build. Nothing is changed then.
 */
export function exchangeCode(kernel: AnyKernel, level: number): void {
  if (otherTrees === null) {
    goTo(kernel, level);
    return;
  }
  const { definitions } = otherTrees.find({ level, hotplug: false });
  checkLinks(definitions);
  checkLiveChange(kernel, definitions);
  relink(kernel, { definitions });
}
