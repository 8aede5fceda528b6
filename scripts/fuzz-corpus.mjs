/**
 * node scripts/fuzz-corpus.mjs [--calls N] [--seed N]: writes packages/explore/corpus/level-10.json anew: what so many calls reach, in as few of the programs as reach it all.
 *
 * Programs are found in the order in which chance made them, and the later ones are mostly earlier ones with something added: who goes through them backwards needs only half of them.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fuzz, writeCorpus } from '../packages/explore/dist/index.js';
import { root, say } from './tools.mjs';

const { values } = parseArgs({ options: { calls: { type: 'string', default: '200000' }, seed: { type: 'string', default: '1' } } });
const tree = { level: 10, hotplug: false };

const told = ({ covered, corpus }) => `${covered.functions} functions, ${covered.branches} branches and ${covered.errors} errors in ${corpus.length} programs`;

const found = await fuzz({ seed: Number(values.seed), calls: Number(values.calls), tree });
say(told(found));
if (found.reports.length > 0) {
  // it ends where it finds something: what would be written is half a corpus, with that in it
  for (const { failure } of found.reports) say(`found: ${failure}; nothing is written`);
  process.exit(1);
}
const needed = await fuzz({ seed: 0, calls: Infinity, tree, corpus: found.corpus.toReversed(), corpusOnly: true });
say(told(needed));
writeFileSync(path.join(root, 'packages/explore/corpus/level-10.json'), writeCorpus(needed.corpus));
