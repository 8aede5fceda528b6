/** The series as mails (RFC 2822): a cover letter, and each patch as an answer to it. */
import { migrationSeries } from '@pmkit/series/stack';
import { COMMITTER, fill } from './message.js';
import { seriesDiffstat, seriesPatches } from './patches.js';
import { placeFile, type PlaceOptions } from './place.js';

/** `Wed, 22 Jun 2005 12:00:00 +0000`. @param seconds since 1970 */
export const rfcDate = (seconds: number): string => new Date(seconds * 1000).toUTCString().replace(', 0', ', ').replace('GMT', '+0000');

interface Mail { readonly from: string; readonly date: number; readonly subject: string; readonly at: number; readonly body: string }

const ID = '<page-migration-rc3.';
const idOf = (at: number): string => `${ID}${at}@${COMMITTER.address.split('@')[1]}>`;
/** What git writes in front of each mail of a mailbox. */
const SEPARATOR = `From ${'0'.repeat(40)} Mon Sep 17 00:00:00 2001`;

function mailText({ from, date, subject, at, body }: Mail): string {
  const thread = at === 0 ? [] : [`In-Reply-To: ${idOf(0)}`, `References: ${idOf(0)}`];
  const head = [
    SEPARATOR, `Message-Id: ${idOf(at)}`, ...thread, `From: ${from}`, `Date: ${rfcDate(date)}`, fill(`Subject: ${subject}`, ' '),
    'MIME-Version: 1.0', 'Content-Type: text/plain; charset=UTF-8', 'Content-Transfer-Encoding: 8bit',
  ];
  // to a reader of mailboxes a line that begins so is a new mail
  return `${head.join('\n')}\n\n${body.replace(/^(>*From )/gm, '>$1')}\n`;
}

function cover(): string {
  const { entries } = migrationSeries;
  return [
    fill('Ray Bryant\'s patches for manual page migration, -rc3 of June 2005, as pmkit models them: a system call that moves the memory of a process to other nodes, for batch schedulers. '
      + 'Patch 10 of the series mends a function that two patches of the memory hotplug project bring. They are here too; with them the tree does not build until patch 10 is there.'),
    fill('They go on top of pmkit\'s model of Linux 2.6.12-rc5-mhp1, as `pmkit export git` and `pmkit export quilt` write it. This mail has no patch in it: `git am --empty=drop`, or export without it (--no-cover).'),
    entries.map(({ name, summary }) => fill(`- ${name.replace(/\.patch$/, '')}: ${summary}`, '  ')).join('\n'),
    seriesDiffstat(),
  ].join('\n\n');
}

export interface MboxOptions extends PlaceOptions {
  /** Whether a cover letter comes first; default true. */
  readonly cover?: boolean | undefined;
}

/** The mailbox. Its dates are those of the originals, its message ids its own. */
function mboxText({ cover: hasCover = true }: Pick<MboxOptions, 'cover'> = {}): string {
  const patches = seriesPatches();
  const count = patches.length;
  const number = (at: number): string => String(at).padStart(String(count).length, '0');
  const mails = patches.map(({ message: { author, address, date, subject, body }, diffstat, diff }, at): Mail => ({
    from: `${author} <${address}>`, date, at: at + 1, subject: `[PATCH ${number(at + 1)}/${count}] ${subject}`, body: `${body}---\n${diffstat}\n${diff}`,
  }));
  const first: Mail = { from: `${COMMITTER.name} <${COMMITTER.address}>`, date: mails[0]!.date, at: 0, subject: `[PATCH ${number(0)}/${count}] manual page migration -rc3, as pmkit models it`, body: cover() };
  return [...(hasCover ? [first] : []), ...mails].map(mailText).join('\n');
}

/** Mails in an earlier export that are not its own; null when it is none. What was changed in a mail is not seen. */
function addedMails(text: string): string[] | null {
  if (!text.startsWith(`${SEPARATOR}\nMessage-Id: ${ID}`)) return null;
  const mails = text.split(/^(?=From )/m).filter(mail => !mail.startsWith(`${SEPARATOR}\nMessage-Id: ${ID}`));
  return mails.map(mail => /^Subject: .*/m.exec(mail)?.[0] ?? 'a mail');
}

/** Writes the mailbox. @throws {ExportError} when the file is there, but for `force` and an earlier export with nothing added. */
export function exportMbox(file: string, options: MboxOptions = {}): void {
  placeFile(file, options, addedMails, () => mboxText(options));
}
