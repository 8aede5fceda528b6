/**
 * Every behaviour of the catalogue, in every tree of the series; at levels also on the flat kernel, which must leave the same machine: at the highest and, in turn, at one other;
 * at all of them with PMKIT_FLAT=all. And each level is held against the one below: state by state, what a patch changes is what the catalogue says, and nothing else.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { watchRows } from '@pmkit/linker';
import { stateHash } from '@pmkit/mm-core/testing';
import { changesOf, expected, type Behaviour } from '../src/catalogue/behaviour.js';
import { bootTree } from '../src/catalogue/boot-tree.js';
import { behaviours, HOTPLUG_TREES, LEVEL_TREES, observe, treeName, type Tree } from '../src/catalogue/index.js';
import { Lab, type LabOptions } from '../src/catalogue/lab.js';
import type { Recording } from '../src/catalogue/recording.js';
import { compareRecordings, isSame } from '../src/compare/index.js';
import { loadAllFlat } from '../src/flat.js';
import { TOP_LEVEL } from '../src/levels.js';

/** What a scenario shows, and all that can be seen of it: steps, results, log, states; with a hash of the machine at the end if the flat kernel is to leave the same. */
function play({ scenario }: Behaviour, tree: Tree, hashed: boolean, options: LabOptions = {}): { recording: Recording; hash: string | null } {
  const lab = new Lab(tree, { everyState: true, ...options });
  try {
    return { recording: lab.recording(scenario(lab)), hash: hashed ? stateHash(lab.k) : null };
  } finally {
    lab.dispose();
  }
}

/** On the table, whatever has been loaded. */
const onTable = (behaviour: Behaviour, tree: Tree, hashed: boolean) => play(behaviour, tree, hashed, {
  bootKernel: config => {
    const k = bootTree(tree, config);
    watchRows(k);
    return k;
  },
});

const isOnFlat = ({ level }: Tree, turn: number): boolean => process.env['PMKIT_FLAT'] === 'all' || level === TOP_LEVEL || level === turn % TOP_LEVEL;

/** Levels whose patch changes no result, place, policy or log line but those that the catalogue says. */
const NOTHING_ELSE = [1, 3, 10];

/** The levels at which a behaviour shows something else than at the level below, and those at which anything else is to be seen of it. */
function differences(recordings: readonly Recording[]): { seen: number[]; any: number[] } {
  const diffs = recordings.slice(1).map((recording, i) => ({ level: i + 1, diff: compareRecordings(recordings[i]!, recording) })).filter(({ diff }) => !isSame(diff));
  return { seen: diffs.filter(({ diff }) => diff.seenA !== diff.seenB).map(({ level }) => level), any: diffs.map(({ level }) => level) };
}

beforeAll(loadAllFlat);

describe.each(behaviours.map((behaviour, turn) => [behaviour.id, behaviour, turn] as const))('%s', (_, behaviour, turn) => {
  it('shows what is expected at every level, and with the hotplug patches; nothing else changes with patches 1, 3 and 10, and the flat kernels go the same way', () => {
    const levels = LEVEL_TREES.map(tree => {
      const onFlat = isOnFlat(tree, turn);
      const table = onTable(behaviour, tree, onFlat);
      return { tree, table, flat: onFlat ? play(behaviour, tree, true) : table };
    });
    const hotplug = HOTPLUG_TREES.map(tree => observe(behaviour, tree));
    const seen = [...levels.map(({ tree, table }) => [treeName(tree), table.recording.seen]), ...hotplug.map(outcome => [treeName(outcome.tree), outcome.seen])];
    const wanted = [...LEVEL_TREES, ...HOTPLUG_TREES].map(tree => [treeName(tree), expected(behaviour, tree)]);
    expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(wanted));
    const { seen: changes, any } = differences(levels.map(({ table }) => table.recording));
    expect(changes).toEqual(changesOf(behaviour));
    expect(any.filter(level => NOTHING_ELSE.includes(level))).toEqual(changes.filter(level => NOTHING_ELSE.includes(level)));
    expect(levels.filter(({ table, flat }) => table !== flat && JSON.stringify(table) !== JSON.stringify(flat)).map(({ tree }) => treeName(tree))).toEqual([]);
  });
});
