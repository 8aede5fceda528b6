/** Which mail of a mailbox is which patch of the series, as it was posted in June 2005 (-rc3). */
import type { ReadMail } from './mails.js';

/** What tells the mail of a patch. */
export interface PatchTraits {
  /** 1 to 10. */
  readonly number: number;
  /** File name in the series. */
  readonly name: string;
  /** Of the mail, as far as it is known. */
  readonly messageId: string | null;
}

export type MailRole =
  | { readonly is: 'patch'; readonly patch: number }
  /** A second mail of a patch whose first one is taken. */
  | { readonly is: 'again'; readonly patch: number }
  | { readonly is: 'cover' }
  /** An answer, directly or not: to the mail of a patch, to the overview (0), or to what is not of the series (null). */
  | { readonly is: 'reply'; readonly to: number | null }
  | { readonly is: 'other' };

/** Patches in the mails of the posting; 0 is the overview. */
const PATCHES = 10;
const TREE = '2.6.12-rc5';
const REVISION = '3';

/** The role of each mail, in their order. A patch that came twice is taken from the mail that is known, or else from the later one. */
export function rolesOf(mails: readonly ReadMail[], patches: readonly PatchTraits[]): MailRole[] {
  const numbers = mails.map(mail => (isReply(mail) ? null : numberOf(mail, patches)));
  const taken = new Map<number, ReadMail>();
  mails.forEach((mail, at) => {
    const number = numbers[at];
    if (number === null || number === undefined || number === 0) return;
    const before = taken.get(number);
    const known = patches.find(patch => patch.number === number)?.messageId ?? null;
    const stays = before !== undefined && (known === null ? (before.date ?? '') > (mail.date ?? '') : before.messageId === known);
    if (!stays) taken.set(number, mail);
  });
  const threads = threadsOf(mails, numbers, patches);
  return mails.map((mail, at): MailRole => {
    const number = numbers[at] ?? null;
    if (number === 0) return { is: 'cover' };
    if (number !== null) return { is: taken.get(number) === mail ? 'patch' : 'again', patch: number };
    const to = threads(mail);
    return isReply(mail) || to !== null ? { is: 'reply', to } : { is: 'other' };
  });
}

export const isReply = ({ subject }: { readonly subject: string }): boolean => /^\s*(re|aw|fwd?)\s*:/i.test(subject);

/** The patch that a mail is, 0 for the overview; null when it is none of this posting. */
function numberOf(mail: { readonly subject: string; readonly messageId: string | null }, patches: readonly PatchTraits[]): number | null {
  const known = mail.messageId === null ? undefined : patches.find(({ messageId }) => messageId === mail.messageId);
  if (known !== undefined) return known.number;
  const tag = /\[[^\]]*?\b(\d{1,3})\/(\d{1,3})\s*\]/.exec(mail.subject);
  const tree = /\b2\.6\.\d+(-\w+)*/.exec(mail.subject)?.[0] ?? TREE;
  const revision = /migration-rc(\d+)/.exec(mail.subject)?.[1] ?? REVISION;
  if (!tree.startsWith(TREE) || revision !== REVISION || (tag !== null && Number(tag[2]) !== PATCHES)) return null;
  const named = patches.find(({ name }) => namePattern(name).test(mail.subject));
  if (named !== undefined) return named.number;
  // A series of ten over this tree is the one only where it says so.
  const says = /page.migration/i.test(mail.subject);
  return tag !== null && says && Number(tag[1]) <= PATCHES ? Number(tag[1]) : null;
}

/** The file name of a patch in a subject: with or without `.patch`, with or without the revision. */
export function namePattern(name: string): RegExp {
  const stem = name.replace(/(-rc3)?\.patch$/, '').replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![-\\w.])${stem}(-rc${REVISION})?(\\.patch)?(?![-\\w])`, 'i');
}

/** What a mail answers, through the mails between. */
function threadsOf(mails: readonly ReadMail[], numbers: readonly (number | null)[], patches: readonly PatchTraits[]): (mail: ReadMail) => number | null {
  const roots = new Map<string, number>(patches.flatMap(({ number, messageId }) => (messageId === null ? [] : [[messageId, number] as const])));
  const byId = new Map<string, ReadMail>();
  mails.forEach((mail, at) => {
    if (mail.messageId === null) return;
    byId.set(mail.messageId, mail);
    const number = numbers[at];
    if (number !== null && number !== undefined) roots.set(mail.messageId, number);
  });
  return mail => {
    const above = [mail];
    const seen = new Set(above);
    // Grows while it is walked: the nearest mails first.
    for (const { subject, answers } of above) {
      const root = answers.find(id => roots.has(id));
      if (root !== undefined) return roots.get(root)!;
      const named = isReply({ subject }) ? numberOf({ subject: subject.replace(/^(\s*\w+\s*:)+/, ''), messageId: null }, patches) : null;
      if (named !== null) return named;
      for (const next of answers.flatMap(id => byId.get(id) ?? []).filter(next => !seen.has(next))) {
        seen.add(next);
        above.push(next);
      }
    }
    return null;
  };
}
