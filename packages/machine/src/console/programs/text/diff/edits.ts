/** The shortest way from one list of lines to another: Eugene Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), which GNU diff uses too. */

/** Lines [aFrom, aTo) of the first are replaced by lines [bFrom, bTo) of the second; one of the two may be empty. Counted from 0. */
export interface Edit { readonly aFrom: number; readonly aTo: number; readonly bFrom: number; readonly bTo: number }

/** With more differences than this (lines gone and come), what differs is one edit: true, though not the shortest. */
const MAX_STEPS = 3000;

/** Edits from `a` to `b`, in order, never touching each other. Equal strings are equal lines. */
export function editsBetween(a: readonly string[], b: readonly string[]): Edit[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const steps = path(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  return steps === null ? [{ aFrom: head, aTo: a.length - tail, bFrom: head, bTo: b.length - tail }] : joined(steps, head);
}

/** A line of `a` gone, or one of `b` come, at these places. */
interface Step { readonly x: number; readonly y: number; readonly gone: boolean }

/** From the beginning to the end. null: there are too many. */
function path(a: readonly string[], b: readonly string[]): Step[] | null {
  const reached: Int32Array[] = [];
  let furthest = new Int32Array([0]); // by diagonal: how far in `a`; index k + d
  for (let d = 0; d <= MAX_STEPS; d++) {
    const next = new Int32Array(2 * d + 1);
    for (let k = -d; k <= d; k += 2) {
      const at = (diagonal: number): number => (Math.abs(diagonal) <= d - 1 ? furthest[diagonal + d - 1]! : -1);
      let x = d === 0 ? 0 : k === -d || (k !== d && at(k - 1) < at(k + 1)) ? at(k + 1) : at(k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      next[k + d] = x;
      if (x >= a.length && x - k >= b.length) return stepsBack(reached, d, k);
    }
    reached.push(next);
    furthest = next;
  }
  return null;
}

function stepsBack(reached: readonly Int32Array[], depth: number, diagonal: number): Step[] {
  const steps: Step[] = [];
  let k = diagonal;
  for (let d = depth; d > 0; d--) {
    const before = reached[d - 1]!;
    const at = (of: number): number => (Math.abs(of) <= d - 1 ? before[of + d - 1]! : -1);
    const gone = !(k === -d || (k !== d && at(k - 1) < at(k + 1)));
    k += gone ? -1 : 1;
    steps.push({ x: at(k), y: at(k) - k, gone });
  }
  return steps.reverse();
}

/** Steps that stand next to each other as one edit. @param offset lines that both have in front */
function joined(steps: readonly Step[], offset: number): Edit[] {
  const edits: Edit[] = [];
  for (const { x, y, gone } of steps) {
    const [aFrom, bFrom] = [x + offset, y + offset];
    const [aTo, bTo] = gone ? [aFrom + 1, bFrom] : [aFrom, bFrom + 1];
    const last = edits.at(-1);
    if (last !== undefined && last.aTo === aFrom && last.bTo === bFrom) edits[edits.length - 1] = { ...last, aTo, bTo };
    else edits.push({ aFrom, aTo, bFrom, bTo });
  }
  return edits;
}
