/** A symbol's page, for a terminal. */
import type { CallEnd, SymbolPage, SymbolVersion } from '@pmkit/review/symbol';
import type { Behaviour } from '@pmkit/series/catalogue';
import type { PatchEntry, SeriesTable } from '@pmkit/series/stack';
import { patchLabel, treesText } from '../diff/labels.js';
import type { painter } from '../io.js';
import { sizeText, symbolText } from '../show/words.js';
import { wrap } from '../wrap.js';

export interface SymbolTextOptions {
  readonly width: number;
  readonly paint: ReturnType<typeof painter>;
  readonly series: SeriesTable;
}

export function symbolPageText(page: SymbolPage, options: SymbolTextOptions): string {
  const { paint, width, series } = options;
  const where = page.file === null ? `beside the kernel, in ${page.module}` : `of ${page.file}${page.module.replace(/\.ts$/, '') === page.file.replace(/\.\w+$/, '') ? '' : `, in ${page.module}`}`;
  const title = paint('bold', `${symbolText({ name: page.name, isFunction: page.kind === 'function' })}: ${page.kind} ${where}`);
  const sections: [string, string[]][] = [
    ['Versions', page.versions.map(version => versionText(version, series))],
    ['Called by', ends(page.callers, series.entries, width)],
    ['Calls', ends(page.callees, series.entries, width)],
    ['In tables of operations', ends(page.tables, series.entries, width)],
    ['In the catalogue', page.behaviours.flatMap(({ id, sentence }) => [`  ${paint('yellow', id)}`, ...wrap(sentence, width, '    ')])],
  ];
  const note = page.isLinked || page.kind === 'type' ? [] : wrap('A helper of its module, and no row of the kernel\'s table: who calls it is not known here.', width);
  const filled = sections.filter(([, lines]) => lines.length > 0);
  return `${[title, ...note, ...filled.flatMap(([heading, lines]) => ['', paint('bold', heading), ...lines])].join('\n')}\n`;
}

/** The scenarios that call it, of so many, in a tree. */
export function enteredText(entered: readonly Behaviour[], of: number, tree: string, { width, paint }: SymbolTextOptions): string {
  const heading = paint('bold', `Called in ${entered.length} of ${of} scenarios at level ${tree}`);
  return `${[heading, ...(entered.length === 0 ? [] : wrap(entered.map(({ id }) => id).join(', '), width, '  '))].join('\n')}\n`;
}

function versionText({ patch, symbol, insertions, deletions }: SymbolVersion, series: SeriesTable): string {
  const head = `  ${patchLabel(patch).padEnd(4)}  ${patch?.name ?? series.base}`;
  if (symbol === null) return `${head}: taken away`;
  const lines = `lines ${symbol.firstLine}–${symbol.lastLine}`;
  return deletions === 0 && insertions === symbol.lastLine - symbol.firstLine + 1 ? `${head}: ${lines}` : `${head}: ${sizeText(insertions, deletions)}, ${lines}`;
}

/** In one paragraph; where a call is not in all trees, in which. */
function ends(of: readonly CallEnd[], entries: readonly PatchEntry[], width: number): string[] {
  if (of.length === 0) return [];
  const texts = of.map(({ name, applied }) => {
    const trees = treesText(entries, applied);
    return trees === '' ? name : `${name} (${trees})`;
  });
  return wrap(texts.join(', '), width, '  ');
}
