/** What the coverage list is made of: something that is said of the series, and where the catalogue shows it. */

/** One thing said, in few words that are not the original's: shown by behaviours, or nothing that happens on a machine. */
export type Item =
  | { readonly gist: string; /** Ids of behaviours. */ readonly entries: readonly string[] }
  | { readonly gist: string; /** Why there is nothing to show. */ readonly nothing: string };

export interface Section {
  readonly title: string;
  /** The patch that the section is about, 0 for the base. */
  readonly patch?: number;
  readonly items: readonly Item[];
}

/** Somebody who says something: the overview, the changelogs, what was found out about text and code. */
export interface Chapter { readonly title: string; readonly introduction: string; readonly sections: readonly Section[] }

export const shown = (gist: string, ...entries: readonly string[]): Item => ({ gist, entries });
export const nothing = (gist: string, why: string): Item => ({ gist, nothing: why });
