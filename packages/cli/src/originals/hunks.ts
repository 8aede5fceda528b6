/** The hunks of a mail to the left, what the package changes for them to the right, line for line. */
import type { ModuleDiff } from '@pmkit/review/diff';
import { printable, type OriginalFilePage, type OriginalPage } from '@pmkit/review/originals';
import { columns } from '../columns.js';
import { symbolText } from '../show/words.js';
import type { OriginalsOptions } from './text.js';

/** The diffs of a symbol that a package brings. */
export type DiffOf = (name: string) => readonly ModuleDiff[];

export function hunksText(page: OriginalPage, diffOf: DiffOf, options: OriginalsOptions): string[] {
  const { paint } = options;
  return page.files.flatMap(file => {
    const parts = partsOf(file);
    return parts.length === 0 ? [] : ['', paint('bold', file.file), ...parts.flatMap(part => partLines(part, diffOf, options))];
  });
}

/** A hunk, and the symbols of the package that it is about; or no hunk, and a symbol that only the package has. */
interface Part {
  readonly title: string;
  readonly original: readonly string[];
  readonly kit: readonly NonNullable<OriginalFilePage['rows'][number]['kit']>[];
}

function partsOf({ hunks, rows }: OriginalFilePage): Part[] {
  const ofHunks = hunks.map(({ oldStart, oldLines, newStart, newLines, heading, lines }, at): Part => ({
    title: printable(`@@ -${oldStart},${oldLines} +${newStart},${newLines} @@ ${heading}`), original: lines,
    kit: rows.flatMap(({ hunk, kit }) => (hunk === at + 1 && kit !== null ? [kit] : [])),
  }));
  return [...ofHunks, ...rows.flatMap(({ hunk, kit }): Part[] => (hunk === null && kit !== null ? [{ title: `only in the package: ${symbolText(kit)}`, original: [], kit: [kit] }] : []))];
}

function partLines({ title, original, kit }: Part, diffOf: DiffOf, { width, paint }: OriginalsOptions): string[] {
  const right = kit.flatMap(({ name }) => diffOf(name).flatMap(({ hunks }) => hunks.flatMap(({ lines }, at) => [...(at === 0 ? [] : ['...']), ...lines])));
  const painted = (line: string): string => (line.startsWith('+') ? paint('green', line) : line.startsWith('-') ? paint('red', line) : line);
  return [paint('cyan', title.slice(0, width)), ...columns(original.map(asShown), right, width, painted)];
}

const TAB = 8;

/** A line of a diff with blanks for its tabs, which count from behind the sign, and nothing that moves a cursor. */
function asShown(line: string): string {
  let shown = '';
  for (const char of line.slice(1)) shown += char === '\t' ? ' '.repeat(TAB - (shown.length % TAB)) : char;
  return line.slice(0, 1) + printable(shown);
}
