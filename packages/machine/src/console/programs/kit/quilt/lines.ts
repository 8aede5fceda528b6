/** The difference of two texts as hunks of a unified diff. */

interface Edit { readonly mark: ' ' | '-' | '+'; readonly text: string }

/** Shortest edit from one list of lines to the other, by their longest common subsequence. Quadratic: for functions, not for files. */
function edits(before: readonly string[], after: readonly string[]): Edit[] {
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      const at = i * width + j;
      common[at] = before[i] === after[j] ? common[at + width + 1]! + 1 : Math.max(common[at + width]!, common[at + 1]!);
    }
  }
  const found: Edit[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      found.push({ mark: ' ', text: before[i]! });
      i++;
      j++;
    } else if (i < before.length && (j === after.length || common[(i + 1) * width + j]! >= common[i * width + j + 1]!)) found.push({ mark: '-', text: before[i++]! });
    else found.push({ mark: '+', text: after[j++]! });
  }
  return found;
}

const CONTEXT = 3;

/** `@@ -1,7 +1,9 @@ NAME` and the lines, three of context; empty when nothing differs. Lines are counted from 1 in each text. */
export function hunks(before: readonly string[], after: readonly string[], name: string): string[] {
  const all = edits(before, after);
  const lines: string[] = [];
  let from = 0;
  for (;;) {
    const first = all.findIndex(({ mark }, at) => at >= from && mark !== ' ');
    if (first < 0) return lines;
    const start = Math.max(from, first - CONTEXT);
    let end = first;
    for (let at = first; at < all.length && at <= end + 2 * CONTEXT; at++) if (all[at]!.mark !== ' ') end = at;
    const stop = Math.min(all.length, end + 1 + CONTEXT);
    const hunk = all.slice(start, stop);
    const passed = all.slice(0, start);
    lines.push(`@@ -${range(passed, hunk, '+')} +${range(passed, hunk, '-')} @@ ${name}`, ...hunk.map(({ mark, text }) => mark + text));
    from = stop;
  }
}

/** First line and number of lines of a hunk in one of the texts: what is not marked `without`. */
function range(passed: readonly Edit[], hunk: readonly Edit[], without: '-' | '+'): string {
  const count = hunk.filter(({ mark }) => mark !== without).length;
  const first = passed.filter(({ mark }) => mark !== without).length + (count === 0 ? 0 : 1);
  return count === 1 ? String(first) : `${first},${count}`;
}
