/** The mails of the patches beside the packages: file by file, symbol by symbol. Of the mails nothing is kept but counts and names, and the hunks for who wants to see them. */
import type { PatchFacts } from '@pmkit/series/patches';
import type { PatchEntry, SymbolChange, TouchedFile } from '@pmkit/series/stack';
import { DiffError, readDiffs, type DiffHunk, type FileDiff } from '../diff/read.js';
import { symbolsOfHunk, type HunkSymbol } from './c-symbols.js';
import { MailboxError } from './mbox.js';
import type { ReadMail } from './mails.js';

export interface LineCounts {
  readonly insertions: number;
  readonly deletions: number;
}

/** A symbol of either side, and what the other has for it. */
export interface SymbolRow {
  /** From 1; null for what only the kit has. */
  readonly hunk: number | null;
  /** What the hunk changes; null for what only the kit has. */
  readonly original: HunkSymbol | null;
  /** What the package does; null for what only the original has, and in all rows of a symbol but the first. */
  readonly kit: SymbolChange | null;
  /** Changed lines of the original in this file that name the symbol of the kit, where it defines no such symbol. */
  readonly mentions: number;
}

export interface OriginalFilePage {
  /** As the kernel calls it. */
  readonly file: string;
  /** By the hunks; null when the mail does not touch it. */
  readonly mail: LineCounts | null;
  /** By the facts; null where they do not name the file. The counts are null where they are not known. */
  readonly facts: { readonly insertions: number | null; readonly deletions: number | null; readonly note: string | null } | null;
  readonly hunks: readonly DiffHunk[];
  readonly rows: readonly SymbolRow[];
}

export interface SymbolAt {
  readonly file: string;
  readonly name: string;
}

export interface OriginalPage {
  readonly entry: PatchEntry;
  readonly facts: PatchFacts;
  /** null when the mailbox has no mail of the patch. */
  readonly mail: ReadMail | null;
  /** By the mail's own last line of a diffstat; null without one. */
  readonly stated: LineCounts | null;
  /** By the hunks; null without a mail. */
  readonly counted: LineCounts | null;
  readonly files: readonly OriginalFilePage[];
  /** Functions and other definitions in the hunks that no symbol of the package bears the name of. */
  readonly onlyInMail: readonly SymbolAt[];
  /** Symbols of the package that no hunk of the file is in. */
  readonly onlyInKit: readonly SymbolAt[];
}

/**
 * @param name of the mailbox, for messages.
 * @throws {MailboxError} for a mail without a whole patch in it, with the line, the file and the hunk.
 */
export function comparePatch(entry: PatchEntry, facts: PatchFacts, touched: readonly TouchedFile[], mail: ReadMail | null): OriginalPage {
  const diffs = mail === null ? [] : diffsOf(mail);
  const names = [...new Set([...diffs.map(({ file }) => file), ...facts.files.map(({ file }) => file), ...touched.map(({ file }) => file)])].sort();
  const files = names.map(file => filePage(file, diffs.filter(diff => diff.file === file), facts, touched.find(other => other.file === file)?.symbols ?? []));
  const named = (of: (row: SymbolRow) => string | null | undefined): SymbolAt[] =>
    files.flatMap(({ file, rows }) => [...new Set(rows.flatMap(row => of(row) ?? []))].map(symbol => ({ file, name: symbol })));
  const inKit = named(({ kit }) => kit?.name);
  return {
    entry, facts, mail, files,
    stated: mail === null ? null : statedCounts(mail.text),
    counted: mail === null ? null : sum(diffs),
    onlyInMail: named(({ original }) => original?.name).filter(({ file, name }) => !inKit.some(other => other.file === file && other.name === name)),
    onlyInKit: mail === null ? [] : named(({ original, kit }) => (original === null ? kit?.name : null)),
  };
}

/** The diffs of a mail. @throws {MailboxError} */
function diffsOf(mail: ReadMail): FileDiff[] {
  let diffs;
  try {
    diffs = readDiffs(mail.text);
  } catch (error) {
    if (!(error instanceof DiffError)) throw error;
    throw new MailboxError(`${mail.where(error.line)}: ${error.message}`, { cause: error });
  }
  if (diffs.length === 0) throw new MailboxError(`${mail.where(1)}: found no patch in the mail "${mail.subject}"; expected lines "--- FILE", "+++ FILE" and "@@ ... @@"`);
  return diffs;
}

function filePage(file: string, diffs: readonly FileDiff[], facts: PatchFacts, symbols: readonly SymbolChange[]): OriginalFilePage {
  const known = facts.files.find(other => other.file === file);
  const hunks = diffs.flatMap(diff => diff.hunks);
  return {
    file, hunks,
    mail: diffs.length === 0 ? null : sum(diffs),
    facts: known === undefined ? null : { insertions: known.insertions, deletions: known.deletions, note: known.note ?? null },
    rows: symbolRows(file, hunks, symbols),
  };
}

/** In the order of the hunks; below them what only the kit has, by name. */
function symbolRows(file: string, hunks: readonly DiffHunk[], symbols: readonly SymbolChange[]): SymbolRow[] {
  const left = new Map([...symbols].sort((a, b) => (a.name < b.name ? -1 : 1)).map(symbol => [symbol.name, symbol]));
  const rows = hunks.flatMap((hunk, at) => symbolsOfHunk(hunk, file).map((original): SymbolRow => {
    const kit = original.name === null ? undefined : left.get(original.name);
    if (kit !== undefined) left.delete(kit.name);
    return { hunk: at + 1, original, kit: kit ?? null, mentions: 0 };
  }));
  const changed = hunks.flatMap(({ lines }) => lines.filter(line => line.startsWith('+') || line.startsWith('-')));
  return [...rows, ...[...left.values()].map((kit): SymbolRow => ({
    hunk: null, original: null, kit, mentions: changed.filter(line => new RegExp(`(?<!\\w)${kit.name}(?!\\w)`).test(line)).length,
  }))];
}

const sum = (of: readonly LineCounts[]): LineCounts => ({
  insertions: of.reduce((total, { insertions }) => total + insertions, 0), deletions: of.reduce((total, { deletions }) => total + deletions, 0),
});

/** `3 files changed, 129 insertions(+), 1 deletion(-)`, as diffstat ends. */
function statedCounts(text: string): LineCounts | null {
  const match = /^\s*\d{1,5} files? changed(?:, (\d{1,9}) insertions?\(\+\))?(?:, (\d{1,9}) deletions?\(-\))?\s*$/m.exec(text);
  return match === null ? null : { insertions: Number(match[1] ?? 0), deletions: Number(match[2] ?? 0) };
}
