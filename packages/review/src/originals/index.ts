/** The user's own download of the mails of June 2005, read and held against the packages. The kit has none of that text. */
import type { PatchFacts } from '@pmkit/series/patches';
import type { PatchEntry, SeriesTable, TouchedFile } from '@pmkit/series/stack';
import { comparePatch, type OriginalPage } from './compare.js';
import { rolesOf, type MailRole } from './identify.js';
import { readMail, type ReadMail } from './mails.js';
import { splitMailbox } from './mbox.js';

export type { HunkSymbol } from './c-symbols.js';
export type { LineCounts, OriginalFilePage, OriginalPage, SymbolRow as OriginalRow } from './compare.js';
export type { MailRole } from './identify.js';
export type { ReadMail } from './mails.js';
export { printable } from '../diff/read.js';
export { MAILBOX_LIMITS, MailboxError } from './mbox.js';

export interface MailInBox {
  readonly mail: ReadMail;
  readonly role: MailRole;
}

export interface Originals {
  /** In the order of the mailbox; a mail that is there twice only once. */
  readonly mails: readonly MailInBox[];
  /** One for each patch asked for, in the order of the series, whether its mail is there or not. */
  readonly pages: readonly OriginalPage[];
}

/** The series, and who knows what is known of its patches and what they touch. */
export interface OriginalsSource {
  readonly series: SeriesTable;
  touchedFiles(entry: PatchEntry, below: readonly PatchEntry[]): Promise<readonly TouchedFile[]>;
  factsOf(name: string): PatchFacts;
}

/**
 * Reads a mailbox, finds the mails of the series in it and lays them beside the packages.
 * @param bytes of the file, packed with gzip or not.
 * @param name of the file; messages begin with it.
 * @param only the patches that are wanted; default: the ten.
 * @throws {MailboxError} when the mailbox, a mail or a patch that is wanted is damaged or cut off.
 */
export async function readOriginals(bytes: Uint8Array, name: string, source: OriginalsSource, only?: readonly PatchEntry[]): Promise<Originals> {
  const { entries } = source.series;
  const ofMail = entries.flatMap(entry => (entry.number === undefined ? [] : [{ entry, number: entry.number }]));
  const mails: ReadMail[] = [];
  const seen = new Set<string>();
  for (const raw of splitMailbox(bytes, name)) {
    const mail = await readMail(raw, name);
    if (mail.messageId !== null && seen.has(mail.messageId)) continue;
    if (mail.messageId !== null) seen.add(mail.messageId);
    mails.push(mail);
  }
  const roles = rolesOf(mails, ofMail.map(({ entry, number }) => ({ number, name: entry.name, messageId: source.factsOf(entry.name).mail?.messageId ?? null })));
  const pages = await Promise.all(ofMail.filter(({ entry }) => only === undefined || only.includes(entry)).map(async ({ entry, number }) => {
    const at = roles.findIndex(role => role.is === 'patch' && role.patch === number);
    return comparePatch(entry, source.factsOf(entry.name), await source.touchedFiles(entry, entries.slice(0, entries.indexOf(entry))), mails[at] ?? null);
  }));
  return { mails: mails.map((mail, at) => ({ mail, role: roles[at]! })), pages };
}
