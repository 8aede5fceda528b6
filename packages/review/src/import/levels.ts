/** The trees of an imported stack in the place of the levels of the series. */
import type { ThreadSetUp } from '@pmkit/explore';
import { linkErrors } from '@pmkit/linker';
import { takeTrees, treeName, type OtherTree, type Tree } from '@pmkit/series/catalogue';
import { projectFiles } from '../export/project.js';
import { loadTree, ModulePlace, type WrittenTree } from './load.js';
import { originsOf, type Origins } from './origins.js';
import type { StackEntry } from './stack.js';

/** What another thread needs to have one of the trees: for setUp() of set-up.ts. Plain data. */
export interface SetUp { readonly tree: Tree; readonly written: WrittenTree }

interface Place { readonly tree: Tree; readonly name: string; readonly files: ReadonlyMap<string, string>; readonly origins: Origins }

/** The tree of the series that stands at a place: the highest of the kit's patches that are in it, and whether those of the hotplug project are there too. */
export function treeOfPlace({ applied }: Pick<StackEntry, 'applied'>): Tree {
  const level = Math.max(0, ...applied.map(({ number }) => number ?? 0));
  return { level, hotplug: level < 10 && applied.some(({ number }) => number === undefined) };
}

/**
 * An imported stack whose trees are the levels for as long as it is in use. A level is the last tree of the stack in which that patch of the kit is the highest: the sender's own
 * patches belong to the level below them. A level whose patch was not sent is not there.
 */
export class StackLevels {
  /** In the order of the stack. */
  readonly trees: readonly Tree[];
  readonly #places: ReadonlyMap<string, Place>;
  readonly #written = new Map<string, WrittenTree>();
  readonly #loaded = new Map<string, OtherTree>();
  readonly #directory = new ModulePlace();

  constructor(stack: readonly StackEntry[]) {
    const origins = originsOf(stack);
    const base: Place = { tree: { level: 0, hotplug: false }, name: 'base', files: projectFiles([]), origins: origins[0]! };
    const places = [base, ...stack.map((entry, at): Place => ({ tree: treeOfPlace(entry), name: entry.patch.name, files: entry.files, origins: origins[at + 1]! }))];
    this.#places = new Map(places.map(place => [treeName(place.tree), place]));
    this.trees = [...this.#places.values()].map(({ tree }) => tree);
  }

  has(tree: Tree): boolean {
    return this.#places.has(treeName(tree));
  }

  /**
   * Loads trees: from here on their code runs. @throws {RangeError} for one that is not in the stack.
   * @throws {ImportError} for modules that cannot be compiled or loaded, or that import what is not of the tree.
   */
  async load(trees: Iterable<Tree>): Promise<void> {
    for (const tree of trees) {
      const name = treeName(tree);
      if (!this.#loaded.has(name)) this.#loaded.set(name, await loadTree(this.#write(tree)));
    }
  }

  /** Whether a tree that was loaded links. */
  builds(tree: Tree): boolean {
    return linkErrors(this.#find(tree).definitions, { m: undefined }).length === 0;
  }

  /** What is booted in this thread is of the stack from here on. */
  use(): void {
    takeTrees({ has: tree => this.has(tree), find: tree => this.#find(tree) });
  }

  /** What exploreLevels() is told for its threads. */
  get threads(): ThreadSetUp {
    return { module: new URL('../../dist/import/set-up.js', import.meta.url).href, dataFor: (tree): SetUp => ({ tree, written: this.#write(tree) }) };
  }

  /** Where in the modules of the stack an error comes from: module, line and column of the text without types. null: it is not of the stack. */
  placeOf(error: unknown): string | null {
    return error instanceof Error ? this.#directory.placeOf(error) : null;
  }

  /** The levels are the kit's again, and what was written for the trees is gone. */
  end(): void {
    takeTrees(null);
    this.#directory.remove();
  }

  #place(tree: Tree): Place {
    const place = this.#places.get(treeName(tree));
    if (place === undefined) throw new RangeError(`level ${treeName(tree)}: not in the stack, which has ${this.trees.map(treeName).join(' ')}`);
    return place;
  }

  #find(tree: Tree): OtherTree {
    const { name } = this.#place(tree);
    const loaded = this.#loaded.get(treeName(tree));
    if (loaded === undefined) throw new RangeError(`level ${treeName(tree)}: ${name} was not loaded`);
    return loaded;
  }

  #write(tree: Tree): WrittenTree {
    const { name, files, origins } = this.#place(tree);
    const key = treeName(tree);
    let written = this.#written.get(key);
    if (written === undefined) this.#written.set(key, (written = this.#directory.write(files, name, origins)));
    return written;
  }
}
