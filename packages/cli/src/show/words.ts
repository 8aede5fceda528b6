/** Words that a patch's page has in common as text and as Markdown. */
import { levelsText, type Run } from '@pmkit/series/catalogue';
import type { Day, PatchBehaviours, PatchPage } from '@pmkit/series/patches';

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

/** `22 June 2005`. */
export function dayText(day: Day): string {
  const [year, month, date] = day.split('-');
  return `${Number(date)} ${MONTHS[Number(month) - 1]} ${year}`;
}

/** The headings of the behaviours, in the order of a page. */
export const HEADINGS: readonly (readonly [keyof PatchBehaviours, string])[] = [
  ['claims', 'Claims it makes true'],
  ['holds', 'Claims about it that hold before and after'],
  ['breaks', 'What it breaks'],
  ['discrepancies', 'Text against code'],
  ['defects', 'Defects it has or mends'],
  ['changedDefects', 'Defects of other patches that look different with it'],
];

export function pageTitle({ number, name }: PatchPage): string {
  if (number === null) return `Hotplug patch: ${name}`;
  return number === 0 ? 'Level 0: the tree below the series' : `Patch ${number} of 10: ${name}`;
}

/** `By Ray Bryant, sent as rc3 5/10 on 22 June 2005.` */
export function provenance({ number, name, after, facts: { author, mail, needs } }: PatchPage): string {
  const sentences = [`By ${author}${mail === null ? '' : `, sent as ${mail.as} on ${dayText(mail.date)}`}.`];
  if (number === 0) sentences.push(`Its last patch is ${name}.`);
  if (after !== null) sentences.push(`Applies on top of ${after}.`);
  if (needs.length > 0) sentences.push(`Needs ${needs.length === 1 ? 'patch' : 'patches'} ${needs.join(' and ')}.`);
  return sentences.join(' ');
}

/** `+116 -0`, `?` for what is not known. */
export const sizeText = (insertions: number | null, deletions: number | null): string => (insertions === null || deletions === null ? '?' : `+${insertions} -${deletions}`);

export const CHANGES = { replaces: 'replaced', reprototypes: 'new prototype', adds: 'new' } as const;

export const symbolText = ({ name, isFunction }: { readonly name: string; readonly isFunction: boolean }): string => `${name}${isFunction ? '()' : ''}`;

/** `0–3 -ENOSYS, 4–10 4`. */
export const runsText = (runs: readonly Run[]): string => runs.map((run) => `${levelsText(run)} ${run.seen}`).join(', ');

/** The name of a patch without its ending, for a list of patches in a line. */
export const shortName = (name: string): string => name.replace(/(-rc3)?\.patch$/, '');
