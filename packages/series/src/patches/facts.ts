/**
 * What is known of a patch and stands in no code: who sent what and when, how large the original was, what was said of it, what
 * became of it. In our words; where something was not seen, the field is null or the text says so.
 */

/** A day, `2005-06-22`. */
export type Day = `${number}-${number}-${number}`;

/** The mail that carried the patch. */
export interface Mail {
  /** `rc3 5/10`. */
  readonly as: string;
  readonly date: Day;
  /** Without the angle brackets; null when no archive we read has the mail or a reply to it. */
  readonly messageId: string | null;
}

/** A file of the original's diffstat. */
export interface OriginalFile {
  /** As the kernel calls it: `mm/mmigrate.c`. */
  readonly file: string;
  /** Lines; null when the diffstat is not known. */
  readonly insertions: number | null;
  readonly deletions: number | null;
  /** What the original does in it, where the kit has no symbol for that. */
  readonly note?: string;
}

/** A remark in a mail, and what came of it. */
export interface Review {
  readonly by: string;
  readonly date: Day | null;
  readonly messageId?: string;
  readonly text: string;
}

/** What mainline has in its place. */
export interface Descendant {
  /** A release, `2.6.16`. */
  readonly version: string;
  /** The hash, as far as it is known. */
  readonly commit?: string;
  readonly text: string;
}

export interface PatchFacts {
  /** File name in the series; of the base, the name of its last patch. */
  readonly name: string;
  readonly author: string;
  readonly mail: Mail | null;
  /** What it is for: paragraphs. */
  readonly purpose: readonly string[];
  /** Numbers of the patches without which it does not work or does not apply. */
  readonly needs: readonly number[];
  readonly files: readonly OriginalFile[];
  /** Where the figures of `files` are from, or that they are not known. */
  readonly diffstat: string;
  /** What a reader must know that is no behaviour: names, reconstruction. */
  readonly remarks: readonly string[];
  readonly reviews: readonly Review[];
  readonly lineage: readonly Descendant[];
  readonly sources: readonly string[];
}
