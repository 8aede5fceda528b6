/** Error numbers in words, for those who print them. */
import * as numbers from '../include/linux/errno.js';

const byNumber = new Map<number, string>(Object.entries(numbers).map(([name, value]) => [value, name]));

/** `-22` → `-EINVAL`; a result that is no known errno is printed as a number. */
export function errnoName(result: number): string {
  const name = result < 0 ? byNumber.get(-result) : undefined;
  return name === undefined ? String(result) : `-${name}`;
}
