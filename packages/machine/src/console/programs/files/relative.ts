/** How to come from a directory to a path; both absolute, without links and dots. */
export function relativePath(path: string, from: string): string {
  const names = (text: string): string[] => text.split('/').filter(name => name !== '');
  const to = names(path);
  const base = names(from);
  let common = 0;
  while (common < to.length && common < base.length && to[common] === base[common]) common++;
  return [...base.slice(common).map(() => '..'), ...to.slice(common)].join('/') || '.';
}
