/** The mails and the packages side by side, for a terminal. */
import { printable, type LineCounts, type OriginalFilePage, type OriginalPage, type OriginalRow, type Originals, type ReadMail } from '@pmkit/review/originals';
import { sideBySide } from '../columns.js';
import type { painter } from '../io.js';
import { CHANGES, dayText, sizeText, symbolText } from '../show/words.js';
import { wrap } from '../wrap.js';
import { answersTo, mailOf } from './json.js';

export interface OriginalsOptions {
  readonly width: number;
  readonly paint: ReturnType<typeof painter>;
  /** The mailbox, as the user named it. */
  readonly name: string;
}

/** @param hunks lines to show below a page, for the patches whose mail is there. */
export function originalsText(originals: Originals, options: OriginalsOptions, hunks: (page: OriginalPage) => readonly string[] = () => []): string {
  const parts = originals.pages.map((page) => [...pageLines(page, originals, options), ...(page.mail === null ? [] : hunks(page))]);
  return `${[...mailboxLines(originals, options), ...parts.flatMap((lines) => ['', ...lines])].join('\n')}\n`;
}

/** What is in the mailbox. */
function mailboxLines({ mails }: Originals, { width, name }: OriginalsOptions): string[] {
  const count = (is: string, one: string, more = `${one}s`): string[] => {
    const number = mails.filter(({ role }) => role.is === is).length;
    return number === 0 ? [] : [`${number} ${number === 1 ? one : more}`];
  };
  const kinds = [
    ...count('cover', 'overview'), ...count('patch', 'patch of the series', 'patches of the series'), ...count('again', 'patch that is there twice', 'patches that are there twice'),
    ...count('reply', 'answer'), ...count('other', 'other'),
  ];
  return wrap(`${name}: ${mails.length} ${mails.length === 1 ? 'mail' : 'mails'}: ${kinds.join(', ')}`, width);
}

function pageLines(page: OriginalPage, originals: Originals, options: OriginalsOptions): string[] {
  const { entry, mail } = page;
  const title = options.paint('bold', `Patch ${entry.number} of 10: ${entry.name}`);
  if (mail === null) return [title, ...wrap(`${options.name} does not have its mail${knownMail(page)}.`, options.width, '  ')];
  const rows: [string, string][] = [[`${options.name}:${mail.line}`, entry.package.replace(/^@[^/]*\//, '')], ...page.files.flatMap(fileRows)];
  const notes = [...sizes(page), ...only(page), ...thread(page, originals, options)];
  return [title, ...wrap(mailText(mail), options.width, '  '), '', ...sideBySide(rows, options.width - 2).map((line) => `  ${line}`.trimEnd()), '', ...notes.flatMap((note) => wrap(note, options.width, '  '))];
}

const mailText = ({ date, from, messageId }: ReadMail): string => `${printable(from)}${date === null ? '' : `, ${date}`}${messageId === null ? '' : `, <${printable(messageId)}>`}`;

function knownMail({ facts: { mail } }: OriginalPage): string {
  if (mail === null) return '';
  return `, sent as ${mail.as} on ${dayText(mail.date)}${mail.messageId === null ? '' : `, Message-Id <${mail.messageId}>`}`;
}

/** A file's line, and below it the symbols: of the original to the left, of the package to the right. */
function fileRows({ file, mail, facts, rows, hunks }: OriginalFilePage): [string, string][] {
  const left = mail === null ? `${file}: not touched` : `${file}  ${size(mail)}`;
  const differs = facts !== null && mail !== null && facts.insertions !== null && (facts.insertions !== mail.insertions || facts.deletions !== mail.deletions);
  const right = [
    ...(facts === null ? ['not in the facts about the original'] : []),
    ...(facts !== null && differs ? [`by the facts ${sizeText(facts.insertions, facts.deletions)}`] : []),
    ...(facts === null || facts.note === null ? [] : [facts.note]),
  ];
  return [['', ''], [left, right.join('; ')], ...rows.map((row): [string, string] => [originalCell(row, hunks), kitCell(row)])];
}

const ORIGINAL_CHANGES = { adds: 'new', removes: 'removed', changes: 'changed' } as const;

function originalCell({ hunk, original, mentions }: OriginalRow, hunks: OriginalFilePage['hunks']): string {
  if (original === null || hunk === null) return mentions === 0 ? '  -' : `  named in ${mentions} changed ${mentions === 1 ? 'line' : 'lines'}`;
  const name = original.name === null ? 'outside of functions' : `${ORIGINAL_CHANGES[original.change]} ${printable(original.name)}`;
  return `  ${hunk}: line ${hunks[hunk - 1]!.newStart}, ${name}  ${size(original)}`;
}

const kitCell = ({ kit }: OriginalRow): string => (kit === null ? '  -' : `  ${CHANGES[kit.change]} ${symbolText(kit)}`);

const size = ({ insertions, deletions }: LineCounts): string => sizeText(insertions, deletions);

/** Lines in all: by the hunks, by the mail's own diffstat, by the facts. */
function sizes({ counted, stated, facts: { files } }: OriginalPage): string[] {
  const all = (of: 'insertions' | 'deletions'): number | null => (files.some((file) => file[of] === null) ? null : files.reduce((sum, file) => sum + (file[of] ?? 0), 0));
  const [insertions, deletions] = [all('insertions'), all('deletions')];
  const same = (other: LineCounts): boolean => other.insertions === counted!.insertions && other.deletions === counted!.deletions;
  const own = stated === null ? "the mail's own diffstat was not found" : same(stated) ? "so says the mail's own diffstat" : `the mail's own diffstat says ${size(stated)}`;
  const known = insertions === null || deletions === null ? 'the kit does not know them' : same({ insertions, deletions }) ? 'the facts say the same' : `the facts say ${sizeText(insertions, deletions)}`;
  return [`Lines of the hunks: ${size(counted!)}; ${own}; ${known}.`];
}

function only({ onlyInMail, onlyInKit }: OriginalPage): string[] {
  const list = (symbols: OriginalPage['onlyInMail']): string => symbols.map(({ file, name }) => `${printable(name)} (${file})`).join(', ');
  return [...(onlyInMail.length === 0 ? [] : [`Only in the mail: ${list(onlyInMail)}.`]), ...(onlyInKit.length === 0 ? [] : [`Only in the package: ${list(onlyInKit)}.`])];
}

/** Who answered, and which of the reviews that the kit knows are among it. */
function thread({ entry, facts }: OriginalPage, originals: Originals, { name }: OriginalsOptions): string[] {
  const answers = answersTo(entry.number!, originals).map((mail) => `${printable(mail.from)}${mail.date === null ? '' : `, ${mail.date}`} (${name}:${mail.line})`);
  const missing = facts.reviews.filter(({ messageId }) => messageId !== undefined && mailOf(messageId, originals) === undefined);
  return [
    ...(answers.length === 0 ? [] : [`Answers: ${answers.join('; ')}.`]),
    ...(missing.length === 0 ? [] : [`Reviews that the kit knows and the mailbox does not have: ${missing.map(({ by, date }) => `${by}${date === null ? '' : `, ${date}`}`).join('; ')}.`]),
  ];
}
