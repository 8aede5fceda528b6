/** The lines of a unified diff of TypeScript, in pieces to colour: enough of a highlighter for code that is short, and the same in every browser. */

export type PieceKind = 'plain' | 'keyword' | 'string' | 'comment' | 'number' | 'call';
export interface Piece { readonly kind: PieceKind; readonly text: string }
export type LineKind = 'file' | 'hunk' | 'added' | 'removed' | 'same';
export interface Line { readonly kind: LineKind; readonly pieces: readonly Piece[] }

const TOKEN = /(?<comment>\/\/.*|\/\*.*?(?:\*\/|$)|^\s*\*(?:\s.*|\/)?$)|(?<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`)|(?<number>\b0x[\da-f_]+\b|\b\d[\d_]*\b)|(?<word>[A-Za-z_$][\w$]*)(?<call>\s*\()?/gi;
const KEYWORDS = new Set(('as async await break case const continue default do else enum export extends false finally for from function if import in instanceof interface let new null of readonly return satisfies ' +
  'static switch this throw true try type typeof undefined void while yield number string boolean unknown never').split(' '));

/** Pieces of a line of code. */
export function piecesOf(code: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  const push = (kind: PieceKind, text: string): void => {
    if (text === '') return;
    const before = pieces.at(-1);
    if (before?.kind === kind) pieces[pieces.length - 1] = { kind, text: before.text + text };
    else pieces.push({ kind, text });
  };
  for (const match of code.matchAll(TOKEN)) {
    const { comment, string, number, word, call } = match.groups!;
    push('plain', code.slice(end, match.index));
    end = match.index + match[0].length;
    if (comment !== undefined) push('comment', comment);
    else if (string !== undefined) push('string', string);
    else if (number !== undefined) push('number', number);
    else {
      push(KEYWORDS.has(word!) ? 'keyword' : call === undefined ? 'plain' : 'call', word!);
      push('plain', call ?? '');
    }
  }
  push('plain', code.slice(end));
  return pieces;
}

const KINDS: Readonly<Record<string, LineKind>> = { '+': 'added', '-': 'removed', ' ': 'same', '@': 'hunk' };
const HEAD = /^(diff |index |Index: |===|--- |\+\+\+ |new file|deleted file|similarity|rename)/;

/** Lines of a unified diff. */
export function diffLines(diff: string): Line[] {
  let isInHunk = false;
  return diff.replace(/\n$/, '').split('\n').map(line => {
    if (line.startsWith('diff ') || line.startsWith('Index: ')) isInHunk = false;
    if (!isInHunk && HEAD.test(line)) return { kind: 'file', pieces: [{ kind: 'plain', text: line }] };
    const kind = KINDS[line[0] ?? ' '] ?? 'same';
    if (kind === 'hunk') {
      isInHunk = true;
      return { kind, pieces: [{ kind: 'plain', text: line }] };
    }
    return { kind, pieces: [{ kind: 'plain', text: line[0] ?? '' }, ...piecesOf(line.slice(1))] };
  });
}

/** The lines by file: its name, and what is shown of it. */
export function diffFiles(diff: string): { readonly file: string; readonly lines: readonly Line[] }[] {
  const files: { file: string; lines: Line[] }[] = [];
  for (const line of diffLines(diff)) {
    const text = line.kind === 'file' ? line.pieces[0]!.text : '';
    const begins = /^(?:diff --git a\/(\S+)|Index: (\S+))/.exec(text) ?? (/^--- /.test(text) && files.at(-1)?.lines.some(({ kind }) => kind !== 'file') !== false ? /^--- (?:a\/)?(\S+)/.exec(text) : null);
    if (begins !== null) files.push({ file: begins[1] ?? begins[2]!, lines: [] });
    files.at(-1)?.lines.push(line);
  }
  return files;
}
