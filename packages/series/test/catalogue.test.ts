/** Every behaviour of the catalogue, in every tree of the series. */
import { describe, expect, it } from 'vitest';
import { behaviours, HOTPLUG_TREES, LEVEL_TREES, observe, treeName } from '../src/catalogue/index.js';

describe.each(behaviours.map(behaviour => [behaviour.id, behaviour] as const))('%s', (_, behaviour) => {
  it('shows what is expected at every level, and with the hotplug patches', () => {
    const outcomes = [...LEVEL_TREES, ...HOTPLUG_TREES].map(tree => observe(behaviour, tree));
    expect(Object.fromEntries(outcomes.map(({ tree, seen }) => [treeName(tree), seen]))).toEqual(
      Object.fromEntries(outcomes.map(outcome => [treeName(outcome.tree), outcome.expected])),
    );
  });
});
