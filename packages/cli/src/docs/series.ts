/** docs/series: the index, and a page for each patch. */
import { expectedRuns, levelsText, type Behaviour } from '@pmkit/series/catalogue';
import { patchPage, type ChangedSymbol, type PageFile, type PatchPage } from '@pmkit/series/patches';
import type { PatchEntry } from '@pmkit/series/stack';
import { reviewText } from '../show/text.js';
import { CHANGES, HEADINGS, pageTitle, provenance, sizeText, symbolText } from '../show/words.js';
import { pageFile, type DocsInput } from './input.js';
import { code, escaped, link, page, table } from './markdown.js';

const pageOf = ({ series, touches, behaviours }: DocsInput, entry: PatchEntry | undefined): PatchPage => patchPage(series, entry, touches, behaviours);

export function indexPage(input: DocsInput): string {
  const rows = [undefined, ...input.series.entries].map((entry) => {
    const { number, name, summary, insertions, deletions, behaviours: { claims, holds, breaks, discrepancies, defects } } = pageOf(input, entry);
    const own = [...breaks, ...discrepancies, ...defects];
    const of = (kind: Behaviour['kind']): string => String(own.filter((behaviour) => behaviour.kind === kind).length);
    return [
      number === null ? '' : String(number),
      link(code(name), pageFile(entry)),
      escaped(summary),
      entry === undefined ? '' : sizeText(insertions, deletions),
      String(claims.length + holds.length),
      of('discrepancy'),
      of('defect'),
    ];
  });
  return page('The series, patch by patch', [
    ['Each patch has a page for its reviewer. They are made from the patch packages, from the catalogue of behaviours and from what is known of the originals; `pmkit show PATCH` prints the same on a terminal.'],
    table(['level', 'patch', 'what it does', 'lines of the original', 'claims', 'discrepancies', 'defects'], rows),
    ['Patches without a level are the memory hotplug project\'s own. Patch 3 leaves their call of `try_to_migrate_pages()` behind and patch 10 mends it: with them in the tree, levels 3 to 9 do not build.'],
    [`All behaviours with what is seen of them at each level: ${link('behaviours.md', '../behaviours.md')}.`],
  ]);
}

export function patchPageText(input: DocsInput, entry: PatchEntry | undefined): string {
  const of = pageOf(input, entry);
  const { facts, behaviours } = of;
  const section = (heading: string, blocks: readonly (readonly string[])[]): (readonly string[])[] => (blocks.length === 0 ? [] : [[`## ${heading}`], ...blocks]);
  const list = (items: readonly string[]): string[][] => (items.length === 0 ? [] : [items.map((item) => `- ${item}`)]);
  const messageId = facts.mail?.messageId ?? null;
  const where = `Package: ${link(code(of.package), `../../packages/${of.package.replace('@pmkit/', '')}`)}.`;
  return page(escaped(pageTitle(of)), [
    [`${escaped(provenance(of))}${messageId === null ? '' : ` Message-Id: ${code(messageId)}.`} ${where}`],
    ...section('Purpose', facts.purpose.map((paragraph) => [escaped(paragraph)])),
    ...section('Files and symbols', filesBlocks(of)),
    ...section('What the series changes of it', of.changed.length === 0 ? [] : [changedTable(of.changed)]),
    ...HEADINGS.flatMap(([key, heading]) => section(heading, behaviours[key].length === 0 ? [] : [behaviourTable(of, behaviours[key])])),
    ...section('Remarks', list(facts.remarks.map(escaped))),
    ...section('Reviews', list(facts.reviews.map((review) => `${escaped(reviewText(review))}${review.messageId === undefined ? '' : ` (${code(review.messageId)})`}`))),
    ...section('What became of it', list(facts.lineage.map(({ version, commit, text }) => `${version}${commit === undefined ? '' : `, commit ${code(commit)}`}: ${escaped(text)}`))),
    ...section('Sources', list(facts.sources.map(escaped))),
    [link('All patches', 'README.md')],
  ]);
}

function filesBlocks(of: PatchPage): string[][] {
  if (of.files.length === 0) return [];
  const rows = of.files.map((file) => [code(file.file), sizeText(file.insertions, file.deletions), fileSymbols(file)]);
  const total = of.files.length > 1 ? [['total', sizeText(of.insertions, of.deletions), '']] : [];
  return [table(['kernel file', 'lines of the original', 'symbols here'], [...rows, ...total]), [`Line counts: ${escaped(of.facts.diffstat)}.`]];
}

function fileSymbols({ symbols, note }: PageFile): string {
  const texts = symbols.map((symbol) => `${code(symbolText(symbol))} (${CHANGES[symbol.change]}${symbol.alsoIn.length === 0 ? '' : `; also in ${symbol.alsoIn.map(code).join(', ')}`})`);
  return [...(note === null ? [] : [escaped(note)]), ...texts].join('<br>');
}

const changedTable = (changed: readonly ChangedSymbol[]): string[] =>
  table(['kernel file', 'symbol', 'patches'], changed.map((symbol) => [code(symbol.file), code(symbolText(symbol)), symbol.patches.map(code).join(', ')]));

/** On the page of a hotplug patch, what is seen in the tree with these patches; on any other, in the tree without. */
function behaviourTable({ number }: PatchPage, behaviours: readonly Behaviour[]): string[] {
  const rows = behaviours.map((behaviour) => [
    link(behaviour.id, `../behaviours.md#${behaviour.id}`),
    escaped(behaviour.sentence),
    expectedRuns(behaviour, number === null).map((run) => `${levelsText(run)}: ${code(run.seen)}`).join('<br>'),
  ]);
  return table(['behaviour', 'what happens', number === null ? 'levels with the hotplug patches' : 'levels'], rows);
}
