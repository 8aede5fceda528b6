/** A diffstat, laid out as git does. */

export interface StatRow {
  readonly name: string;
  readonly insertions: number;
  readonly deletions: number;
}

/** A line of a diffstat: what stands in front of the graph, and its two parts. */
export interface StatLine {
  readonly head: string;
  readonly plus: string;
  readonly minus: string;
}

/** git's least room for the name and for the rest. */
const LEAST_NAME = 16;
const AROUND = 6;

/** @param width of the lines, at most. */
export function statLines(rows: readonly StatRow[], width: number): StatLine[] {
  const most = Math.max(0, ...rows.map(({ insertions, deletions }) => insertions + deletions));
  const digits = String(most).length;
  const room = Math.max(width, LEAST_NAME + AROUND + digits) - AROUND - digits;
  let name = Math.max(0, ...rows.map(row => row.name.length));
  let graph = most;
  if (name + graph > room) {
    // The graph gives way first, down to three eighths of the line.
    graph = Math.min(graph, Math.max(AROUND, Math.floor(((room + AROUND + digits) * 3) / 8) - AROUND - digits));
    if (name > room - graph) name = room - graph;
    else graph = room - name;
  }
  return rows.map((row) => {
    const total = row.insertions + row.deletions;
    const [plus, minus] = scaled(row, graph, most);
    return { head: ` ${shortened(row.name, name).padEnd(name)} | ${String(total).padStart(digits)}${total === 0 ? '' : ' '}`, plus: '+'.repeat(plus), minus: '-'.repeat(minus) };
  });
}

function scaled({ insertions, deletions }: StatRow, width: number, most: number): [number, number] {
  if (width > most) return [insertions, deletions];
  const scale = (count: number): number => (count === 0 ? 0 : 1 + Math.floor((count * (width - 1)) / most));
  const total = Math.max(scale(insertions + deletions), insertions > 0 && deletions > 0 ? 2 : 0);
  if (insertions < deletions) return [scale(insertions), total - scale(insertions)];
  return [total - scale(deletions), scale(deletions)];
}

/** The end of a path that is too long, from a slash on if there is one. */
function shortened(name: string, width: number): string {
  if (name.length <= width) return name;
  const end = name.slice(name.length - Math.max(0, width - 3));
  const slash = end.indexOf('/');
  return `...${slash < 0 ? end : end.slice(slash)}`;
}

/** ` 3 files changed, 129 insertions(+), 1 deletion(-)` */
export function statSummary(rows: readonly Omit<StatRow, 'name'>[]): string {
  const sum = (of: 'insertions' | 'deletions'): number => rows.reduce((total, row) => total + row[of], 0);
  const [insertions, deletions] = [sum('insertions'), sum('deletions')];
  const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;
  if (rows.length === 0) return ' 0 files changed';
  return [
    ` ${counted(rows.length, 'file')} changed`,
    ...(insertions > 0 || deletions === 0 ? [`${counted(insertions, 'insertion')}(+)`] : []),
    ...(deletions > 0 || insertions === 0 ? [`${counted(deletions, 'deletion')}(-)`] : []),
  ].join(', ');
}
