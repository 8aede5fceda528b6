/** The dependency graph of a series: what each patch needs of those below it, and how one knows. */

/** A later patch holds text of an earlier one, or works on the same file. */
export interface TextualWitness {
  /** As the kernel calls it: `mm/mmigrate.c`. */
  readonly file: string;
  /**
   * The symbol whose definition the later patch writes over the earlier one's. A package holds a whole function, so it contains what the earlier patch wrote. null: both have
   * something in the file and no symbol in common; their hunks are apart, and a diff would only be applied with an offset.
   */
  readonly symbol: string | null;
  /** Whether the difference that the later patch makes to the symbol cannot be applied without the earlier one, as patch(1) applies it. */
  readonly conflict: boolean;
}

/** A later patch uses what an earlier one brought. What stood in the function before, and is only copied along, does not count. */
export interface UseWitness {
  /** `calls`: a function that was added; `prototype`: one whose prototype was changed; `imports`: a constant or function by name; `type`: a type only. */
  readonly how: 'calls' | 'prototype' | 'imports' | 'type';
  /** What is used. */
  readonly symbol: string;
  /** The function that calls, or the module that imports: `mm/mmigrate.ts`. */
  readonly by: string;
}

/** A behaviour of the catalogue that looks different when the earlier patch, and what cannot be without it, is left out. */
export interface BehaviourWitness {
  /** Id in the catalogue. */
  readonly behaviour: string;
  /** In the whole series. */
  readonly seen: string;
  /** With the patch left out. */
  readonly without: string;
}

/** What one patch needs of another, in at least one way. */
export interface Dependency {
  /** File name in the series of the patch that needs, and of the one that is needed. */
  readonly patch: string;
  readonly needs: string;
  readonly textual: readonly TextualWitness[];
  readonly uses: readonly UseWitness[];
  readonly behavioural: readonly BehaviourWitness[];
  /**
   * Why the patch cannot stay when only the other is left out: what quilt, compiler and loader would say. Empty when it can, or when it only cannot for want of a third one that
   * had to go.
   */
  readonly gone: readonly string[];
  /** Whether the page of the patch says so. */
  readonly stated: boolean;
}

export interface GraphNode {
  /** File name in the series. */
  readonly name: string;
  /** `4`; `N1.0` of a patch of the hotplug project. */
  readonly label: string;
  /** null for a patch of the hotplug project. */
  readonly number: number | null;
  readonly summary: string;
}

/** A patch that has to go with those that are left out. `direct`: for want of these, and not of another that had to go. */
export interface Gone {
  readonly patch: string;
  readonly direct: boolean;
  readonly why: readonly string[];
}

/** A behaviour that is not as in the whole series. */
export interface Change extends BehaviourWitness {
  /** Patches that are still there and that it is about, or that change it. Empty when they are gone; or when it is about the tree below. */
  readonly about: readonly string[];
}

/** What is left of the series without one patch, or two. */
export interface LeftOut {
  /** File names of the patches that were to be left out, one or two. */
  readonly patches: readonly string[];
  /** The patches that cannot stay without them, in the order of the series. */
  readonly gone: readonly Gone[];
  /** What the patches themselves do, and is not seen any more. */
  readonly own: readonly Change[];
  /** What the patches did that had to go too. */
  readonly ofGone: readonly Change[];
  /** What else looks different. */
  readonly others: readonly Change[];
  /** Of two patches: what shows neither what it shows without the first, nor without the second. */
  readonly together: readonly Change[];
}

export interface PatchGraph {
  /** In the order of the series. */
  readonly nodes: readonly GraphNode[];
  /** By the patch that needs, then by the one that is needed. */
  readonly dependencies: readonly Dependency[];
  /** Each patch of the mail left out; then, when asked for, each pair. Empty when nothing was run. */
  readonly leftOut: readonly LeftOut[];
  /** How much was run: behaviours, in so many different trees. */
  readonly behaviours: number;
  readonly trees: number;
}
