/** Sets of numbers as text, as lib/bitmap.c writes them. */

/** bitmap_scnlistprintf(): numbers (CPUs, node ids) as ranges, `0-3,8`, in the order in which they come. Empty for none. */
export function formatList(numbers: ArrayLike<number>): string {
  const ranges: string[] = [];
  for (let i = 0; i < numbers.length; ) {
    const first = numbers[i]!;
    let last = first;
    while (numbers[++i] === last + 1) last++;
    ranges.push(first === last ? `${first}` : `${first}-${last}`);
  }
  return ranges.join(',');
}
