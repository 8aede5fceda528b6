/** The mails and the packages as data. */
import type { Originals, OriginalPage, ReadMail } from '@pmkit/review/originals';
import type { OriginalsJson } from './schema.js';

type MailJson = NonNullable<OriginalsJson['patches'][number]['mail']>;
type PatchJson = OriginalsJson['patches'][number];

export function originalsJson(originals: Originals): OriginalsJson {
  return {
    schema: 'pmkit-originals/1',
    mails: originals.mails.map(({ mail, role }) => ({
      ...mailJson(mail), is: role.is, patch: role.is === 'patch' || role.is === 'again' ? role.patch : role.is === 'cover' ? 0 : role.is === 'reply' ? role.to : null,
    })),
    patches: originals.pages.map((page) => patchJson(page, originals)),
  };
}

const mailJson = ({ line, date, from, subject, messageId }: ReadMail): MailJson => ({ line, date, from, subject, messageId });

function patchJson(page: OriginalPage, originals: Originals): PatchJson {
  const { entry, facts } = page;
  return {
    number: entry.number!, name: entry.name, package: entry.package,
    mail: page.mail === null ? null : mailJson(page.mail),
    knownMail: facts.mail,
    counted: page.counted, stated: page.stated,
    files: page.files.map(({ file, mail, facts: known, hunks, rows }) => ({
      file, mail, facts: known, hunks: hunks.map(({ oldStart, oldLines, newStart, newLines }) => ({ oldStart, oldLines, newStart, newLines })), symbols: [...rows],
    })),
    onlyInMail: [...page.onlyInMail], onlyInKit: [...page.onlyInKit],
    answers: answersTo(entry.number!, originals).map(({ line }) => line),
    reviews: facts.reviews.map(({ by, date, messageId }) => ({ by, date, line: mailOf(messageId, originals)?.line ?? null })),
  };
}

/** The mails that answer a patch; 0 is the overview. */
export const answersTo = (number: number, { mails }: Originals): ReadMail[] => mails.filter(({ role }) => role.is === 'reply' && role.to === number).map(({ mail }) => mail);

/** The mail of a Message-ID; undefined when that is not known, or the mailbox does not have it. */
export const mailOf = (messageId: string | undefined, { mails }: Originals): ReadMail | undefined => (messageId === undefined ? undefined : mails.find(({ mail }) => mail.messageId === messageId)?.mail);
