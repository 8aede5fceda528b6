/** docs/overview.md: what is said of the series, and which behaviours show it. */
import { coverage, type Chapter, type Item, type Section } from '@pmkit/series/catalogue';
import { escaped, link, page, table } from './markdown.js';

export function overviewPage(): string {
  const items = coverage.flatMap(({ sections }) => sections).flatMap((section) => section.items);
  const silent = items.filter((item) => 'nothing' in item).length;
  return page('What is said of the series, and where the kit shows it', [
    [`The overview sentence by sentence, the claims of the changelogs, and what reviewers and later readers of the code found: ${items.length} items beside the behaviours that show them. For ${silent} there is a reason why there is nothing to show. `
      + `The wording is the kit's. What is seen of a behaviour at each level is in ${link('behaviours.md', 'behaviours.md')}.`],
    ...coverage.flatMap(chapterBlocks),
  ]);
}

function chapterBlocks({ title, introduction, sections }: Chapter): string[][] {
  return [[`## ${title}`], [escaped(introduction)], ...sections.flatMap(sectionBlocks)];
}

function sectionBlocks({ title, items }: Section): string[][] {
  return [[`### ${title}`], table(['', 'said', 'shown by'], items.map((item, at) => [String(at + 1), escaped(item.gist), shownBy(item)]))];
}

const shownBy = (item: Item): string =>
  'entries' in item ? item.entries.map((id) => link(id, `behaviours.md#${id}`)).join('<br>') : `*nothing:* ${escaped(item.nothing)}`;
