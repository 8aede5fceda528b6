/** A patch's page as text for a terminal. */
import { expectedRuns, type Behaviour } from '@pmkit/series/catalogue';
import type { PageFile, PatchPage, Review } from '@pmkit/series/patches';
import type { painter } from '../io.js';
import { wrap } from '../wrap.js';
import { CHANGES, dayText, HEADINGS, pageTitle, provenance, runsText, shortName, sizeText, symbolText } from './words.js';

export interface ShowOptions {
  readonly width: number;
  readonly paint: ReturnType<typeof painter>;
}

export function pageText(page: PatchPage, options: ShowOptions): string {
  const { facts } = page;
  const list = (texts: readonly string[]): string[] => texts.flatMap((text) => item(text, options));
  const sections: [string, string[]][] = [
    ['Purpose', facts.purpose.flatMap((text, at) => [...(at === 0 ? [] : ['']), ...wrap(text, options.width, '  ')])],
    ['Files and symbols', fileLines(page, options)],
    ['What the series changes of it', list(page.changed.map((symbol) => `${symbol.file}: ${symbolText(symbol)}, by ${symbol.patches.map(shortName).join(', ')}`))],
    ...HEADINGS.map(([key, heading]): [string, string[]] => [heading, page.behaviours[key].flatMap((behaviour) => behaviourLines(page, behaviour, options))]),
    ['Remarks', list(facts.remarks)],
    ['Reviews', list(facts.reviews.map(reviewText))],
    ['What became of it', list(facts.lineage.map(({ version, commit, text }) => `${version}${commit === undefined ? '' : ` (${commit.slice(0, 12)})`}: ${text}`))],
    ['Sources', list(facts.sources)],
  ];
  const head = [options.paint('bold', pageTitle(page)), ...wrap(provenance(page), options.width)];
  const id = facts.mail?.messageId ?? null;
  if (id !== null) head.push(`Message-Id: <${id}>`);
  const filled = sections.filter(([, lines]) => lines.length > 0);
  return `${[...head, ...filled.flatMap(([heading, lines]) => ['', options.paint('bold', heading), ...lines])].join('\n')}\n`;
}

/** An item of a list, with a hanging indent. */
function item(text: string, { width }: ShowOptions, indent = '  '): string[] {
  return wrap(text, width, `${indent}  `).map((line, at) => (at === 0 ? `${indent}- ${line.trimStart()}` : line));
}

/** The diffstat of the original beside the symbols here. */
function fileLines(page: PatchPage, options: ShowOptions): string[] {
  if (page.files.length === 0) return [];
  const width = Math.max(...page.files.map(({ file }) => file.length));
  const lines = page.files.flatMap((file) => {
    const head = `  ${file.file.padEnd(width)}  ${sizeText(file.insertions, file.deletions).padStart(8)}`;
    return [head, ...(file.note === null ? [] : item(file.note, options, '    ')), ...symbolLines(file, options)];
  });
  const total = `  ${'total'.padEnd(width)}  ${sizeText(page.insertions, page.deletions).padStart(8)}`;
  return [...lines, options.paint('dim', total), ...wrap(`Line counts: ${page.facts.diffstat}.`, options.width, '  ')];
}

function symbolLines({ symbols }: PageFile, options: ShowOptions): string[] {
  return symbols.flatMap((symbol) => {
    const others = symbol.alsoIn.length === 0 ? '' : `; also in ${symbol.alsoIn.map(shortName).join(', ')}`;
    return item(`${CHANGES[symbol.change]} ${symbolText(symbol)}${others}`, options, '    ');
  });
}

function behaviourLines({ number }: PatchPage, behaviour: Behaviour, options: ShowOptions): string[] {
  const seen = number === null ? [] : wrap(`levels ${runsText(expectedRuns(behaviour))}`, options.width, '      ');
  const hotplug = behaviour.hotplug === undefined ? [] : wrap(`with the hotplug patches ${runsText(expectedRuns(behaviour, true))}`, options.width, '      ');
  return [`  ${options.paint('yellow', behaviour.id)}`, ...wrap(behaviour.sentence, options.width, '    '), ...seen, ...hotplug];
}

export const reviewText = ({ by, date, text }: Review): string => `${by}${date === null ? '' : `, ${dayText(date)}`}: ${text}`;
