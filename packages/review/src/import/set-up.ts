/** What a worker thread does before its work when the levels are those of an imported stack: it loads the tree that it works on. This runs what was sent. */
import { takeTrees, treeName } from '@pmkit/series/catalogue';
import type { SetUp } from './levels.js';
import { loadTree } from './load.js';

/** For exploreLevels(): the one tree is all that there is in this thread. */
export async function setUp({ tree, written }: SetUp): Promise<void> {
  const other = await loadTree(written);
  const isIt = (asked: typeof tree): boolean => treeName(asked) === treeName(tree);
  takeTrees({
    has: isIt,
    find(asked) {
      if (!isIt(asked)) throw new RangeError(`level ${treeName(asked)} was not loaded in this thread`);
      return other;
    },
  });
}
