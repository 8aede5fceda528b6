/** A replay as a test. */
import { treeName } from '@pmkit/series/catalogue';
import { writeReplay, type Replay } from './file.js';

/** The source of a Vitest test file that runs a replay strictly and expects the ending that was recorded. */
export function vitestSnippet(replay: Replay): string {
  const { race, tree, ending } = replay;
  const title = `${race.name} at level ${treeName(tree)}: ${ending.failures.join('; ') || ending.text}`;
  return `import { expect, it } from 'vitest';
import { readReplay, replay } from '@pmkit/explore';

const RECORDED = ${writeReplay(replay).trimEnd()};

it(${JSON.stringify(title)}, () => {
  const { partings, ending } = replay(readReplay(JSON.stringify(RECORDED), ${JSON.stringify(race.name)}));
  expect(partings).toEqual([]);
  expect(ending).toEqual(RECORDED.ending);
});
`;
}
