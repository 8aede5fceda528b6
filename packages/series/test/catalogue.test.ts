/**
 * Every behaviour of the catalogue, in every tree of the series; at levels also on the flat kernel, which must leave the same machine: at the highest and, in turn, at one other;
 * at all of them with PMKIT_FLAT=all.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { watchRows } from '@pmkit/linker';
import { stateHash } from '@pmkit/mm-core/testing';
import { expected, type Behaviour } from '../src/catalogue/behaviour.js';
import { bootTree } from '../src/catalogue/boot-tree.js';
import { behaviours, HOTPLUG_TREES, LEVEL_TREES, observe, treeName, type Tree } from '../src/catalogue/index.js';
import { Lab, type LabOptions } from '../src/catalogue/lab.js';
import { loadAllFlat } from '../src/flat.js';
import { TOP_LEVEL } from '../src/levels.js';

/** What a scenario shows; if it is to be compared, also all that can be seen of it: steps, results, log, and a hash of the machine at the end. */
function play({ scenario }: Behaviour, tree: Tree, compared: boolean, options: LabOptions = {}): { seen: string; all: string | null } {
  const lab = new Lab(tree, options);
  try {
    const seen = scenario(lab);
    return { seen, all: compared ? JSON.stringify([lab.recording(seen), stateHash(lab.k)]) : null };
  } finally {
    lab.dispose();
  }
}

/** On the table, whatever has been loaded. */
const onTable = (behaviour: Behaviour, tree: Tree, compared: boolean) => play(behaviour, tree, compared, {
  bootKernel: config => {
    const k = bootTree(tree, config);
    watchRows(k);
    return k;
  },
});

const isOnFlat = ({ level }: Tree, turn: number): boolean => process.env['PMKIT_FLAT'] === 'all' || level === TOP_LEVEL || level === turn % TOP_LEVEL;

beforeAll(loadAllFlat);

describe.each(behaviours.map((behaviour, turn) => [behaviour.id, behaviour, turn] as const))('%s', (_, behaviour, turn) => {
  it('shows what is expected at every level, and with the hotplug patches, and the flat kernels go the same way', () => {
    const levels = LEVEL_TREES.map(tree => {
      const compared = isOnFlat(tree, turn);
      const table = onTable(behaviour, tree, compared);
      return { tree, table, flat: compared ? play(behaviour, tree, true) : table };
    });
    const hotplug = HOTPLUG_TREES.map(tree => observe(behaviour, tree));
    const seen = [...levels.map(({ tree, table }) => [treeName(tree), table.seen]), ...hotplug.map(outcome => [treeName(outcome.tree), outcome.seen])];
    const wanted = [...LEVEL_TREES, ...HOTPLUG_TREES].map(tree => [treeName(tree), expected(behaviour, tree)]);
    expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(wanted));
    expect(levels.filter(({ table, flat }) => table.all !== flat.all).map(({ tree }) => treeName(tree))).toEqual([]);
  });
});
