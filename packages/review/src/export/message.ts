/** What a patch's commit or mail says, and who and when: facts about the original, in the kit's own words. */
import { behaviours, changesOf, at, type Behaviour } from '@pmkit/series/catalogue';
import { factsOf } from '@pmkit/series/patches';
import { BASE_PATCH, migrationSeries, type PatchEntry } from '@pmkit/series/stack';

export interface PatchMessage {
  /** Of the original. */
  readonly author: string;
  /** Nobody's: the name at a domain that cannot exist. */
  readonly address: string;
  /** Seconds since 1970. Of a mail only the day is kept: noon, UTC. */
  readonly date: number;
  /** One line, without `[PATCH …]`. */
  readonly subject: string;
  /** Paragraphs, lines of at most 72 columns; ends with a line end. */
  readonly body: string;
}

const DOMAIN = 'pmkit.invalid';
/** The day on which the series was posted, where a patch has no date of its own. */
const POSTED = '2005-06-22';
/** Who commits. */
export const COMMITTER = { name: 'pmkit', address: `pmkit@${DOMAIN}` };

const seconds = (day: string): number => Date.parse(`${day}T12:00:00Z`) / 1000;
const slug = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '.').replace(/^\.+|\.+$/g, '');

/** Breaks a paragraph into lines; those after the first are indented. */
export function fill(text: string, indent = '', width = 72): string {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(word);
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(indent + word);
  }
  return lines.join('\n');
}

const changeText = (level: number) => ({ id, expect }: Behaviour): string => fill(`- ${id}: ${at(expect, level - 1)} -> ${at(expect, level)}`, '  ');

/** So many changes are told one by one. */
const TOLD = 24;

function observed(entry: PatchEntry | undefined): string[] {
  const level = entry?.number;
  if (level === undefined) return [];
  const changed = behaviours.filter(behaviour => changesOf(behaviour).includes(level));
  if (changed.length === 0) return ['Nothing that the catalogue looks at changes.'];
  const told = [...changed.filter(({ patch }) => patch === level), ...changed.filter(({ patch }) => patch !== level)].slice(0, TOLD);
  const others = changed.length - told.length;
  const last = others === 0 ? [] : [`- and ${others} more`];
  return [['What is seen of the catalogue changes:', ...told.map(changeText(level)), ...last].join('\n')];
}

function origin(entry: PatchEntry | undefined): string {
  const { mail, sources } = factsOf(entry?.name ?? BASE_PATCH);
  const from = mail === null ? 'Its date is not known; that of the series stands for it.' : `The original is ${mail.as} of ${mail.date}${mail.messageId === null ? '' : `, <${mail.messageId}>`}.`;
  return fill(`${from} This is pmkit's model of it, and pmkit's text. Sources: ${sources.join('; ')}.`);
}

/** The message of a patch, or of the base when there is none. */
export function messageOf(entry: PatchEntry | undefined): PatchMessage {
  const name = entry?.name ?? migrationSeries.base;
  const facts = factsOf(name);
  const author = facts.author.split(';')[0]!.trim();
  const subject = entry === undefined ? 'Linux 2.6.12-rc5-mhp1 up to the page-migration patches' : `${name.replace(/\.patch$/, '')}: ${entry.summary}`;
  const paragraphs = [...facts.purpose.map(paragraph => fill(paragraph)), ...observed(entry), ...facts.remarks.map(remark => fill(remark)), origin(entry)];
  return { author, address: `${slug(author)}@${DOMAIN}`, date: seconds(facts.mail?.date ?? POSTED), subject, body: `${paragraphs.join('\n\n')}\n` };
}
