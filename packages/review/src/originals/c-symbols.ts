/** In which function or definition of a C file the lines of a hunk are, as far as the hunk shows. */
import type { DiffHunk } from '../diff/read.js';

export interface HunkSymbol {
  /** `migrate_vma`; null for lines outside of functions, or in one whose head is not in the hunk. */
  readonly name: string | null;
  /** adds, removes: the head of the definition is such a line. */
  readonly change: 'adds' | 'removes' | 'changes';
  readonly insertions: number;
  readonly deletions: number;
}

type Side = '-' | '+';
const SIDES = ['-', '+'] as const;

/** A line that begins at the left margin with a word. */
const TOP_LEVEL = /^[A-Za-z_]/;
const LABEL = /^\w+:/;
const MACRO = /^#\s*define\s+(\w+)/;
const DATA = /^(?:static |const |extern )*(?:struct|union|enum)?[\s\w*]*?\b(\w+)(?:\[[^\]]*\])*\s*=/;
const TYPE = /^(?:struct|union|enum)\s+(\w+)\s*\{/;
const FUNCTION = /(?<!\w)(?!__attribute__\b)(\w+)\s*\(/;

/** What of a file of the kernel a hunk changes, in its order. A comment above a definition counts as the definition's. */
export function symbolsOfHunk(hunk: DiffHunk, file: string): HunkSymbol[] {
  const tally = new Tally();
  const head = headName(hunk.heading, file);
  // Old and new file are in the same function until a changed line begins another.
  const inside: Record<Side, string | null> = { '-': head, '+': head };
  // A blank line below a definition comes and goes with it.
  const left: Record<Side, string | null> = { '-': null, '+': null };
  hunk.lines.forEach((line, at) => {
    const text = line.slice(1);
    const begun = definition(hunk.lines, at, file);
    const leaves = text.startsWith('}') || (begun !== null && isWhole(text));
    for (const side of SIDES.filter(side => line[0] === ' ' || line[0] === side)) {
      if (begun !== null) tally.settle(side, begun);
      else if (text.startsWith('/*') || isDeclaration(text)) inside[side] = null;
      inside[side] = begun ?? inside[side];
      if (line[0] === side) tally.count(side, text.trim() === '' ? (inside[side] ?? left[side]) : inside[side], begun !== null);
      if (begun === null && isDeclaration(text)) tally.settle(side, null);
      if (!leaves) continue;
      left[side] = inside[side];
      inside[side] = null;
    }
  });
  return tally.symbols();
}

/** Counts lines by symbol, in the order in which the symbols come. */
class Tally {
  readonly #counts = new Map<string | null, Record<Side, number> & { readonly heads: Set<Side> }>();
  /** Lines outside of definitions, which may be a comment above the next. */
  readonly #waiting: Record<Side, number> = { '-': 0, '+': 0 };

  count(side: Side, name: string | null, isHead: boolean): void {
    if (name === null) {
      this.#waiting[side]++;
      return;
    }
    const counts = this.#of(name);
    counts[side]++;
    if (isHead) counts.heads.add(side);
  }

  /** The lines that wait are `name`'s. */
  settle(side: Side, name: string | null): void {
    if (this.#waiting[side] > 0) this.#of(name)[side] += this.#waiting[side];
    this.#waiting[side] = 0;
  }

  symbols(): HunkSymbol[] {
    for (const side of SIDES) this.settle(side, null);
    // A head that goes and comes again is one that is changed.
    return [...this.#counts].map(([name, { '+': insertions, '-': deletions, heads }]) => ({
      name, change: heads.size !== 1 ? 'changes' : heads.has('+') ? 'adds' : 'removes', insertions, deletions,
    }));
  }

  #of(name: string | null): Record<Side, number> & { readonly heads: Set<Side> } {
    const counts = this.#counts.get(name) ?? { '-': 0, '+': 0, heads: new Set<Side>() };
    this.#counts.set(name, counts);
    return counts;
  }
}

/** What a line of a hunk begins to define; null when it begins nothing. */
function definition(lines: readonly string[], at: number, file: string): string | null {
  const text = lines[at]!.slice(1);
  const macro = MACRO.exec(text)?.[1];
  if (macro !== undefined) return macro;
  if (!TOP_LEVEL.test(text)) return null;
  if (LABEL.test(text)) return label(text, file);
  const data = DATA.exec(text)?.[1] ?? TYPE.exec(text)?.[1];
  if (data !== undefined) return data;
  return FUNCTION.test(text) && hasBody(lines, at) ? FUNCTION.exec(text)![1]! : null;
}

/** Whether a brace comes before a semicolon. Where the hunk ends before either, only what is called extern is a declaration. */
function hasBody(lines: readonly string[], at: number): boolean {
  const sign = lines[at]![0]!;
  for (const line of lines.slice(at)) {
    if (sign !== ' ' && line[0] !== ' ' && line[0] !== sign) continue;
    const end = /[{;]/.exec(line.slice(1));
    if (end !== null) return end[0] === '{';
  }
  return !/^extern\b/.test(lines[at]!.slice(1));
}

/** No head of a definition, and not in one: bodies are indented, but for labels. */
const isDeclaration = (text: string): boolean => TOP_LEVEL.test(text) && !LABEL.test(text);

/** A definition that is one line: a macro that is not continued, a function or datum that is closed at once. */
const isWhole = (text: string): boolean => (MACRO.test(text) ? !text.trimEnd().endsWith('\\') : /[};]\s*$/.test(text));

/** The symbol that the head in a hunk's header names. diff cuts it off after forty characters, and takes labels for heads. */
function headName(heading: string, file: string): string | null {
  if (LABEL.test(heading)) return label(heading, file);
  return [FUNCTION, DATA, /^(?:struct|union|enum)\s+(\w+)/].map(pattern => pattern.exec(heading)?.[1]).find(name => name !== undefined) ?? null;
}

/** A label is a symbol in assembler only. */
const label = (text: string, file: string): string | null => (file.endsWith('.S') ? /^\w+/.exec(text)![0] : null);
