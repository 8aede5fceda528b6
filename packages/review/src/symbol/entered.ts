/** Which scenarios of the catalogue get into a function: they are run, and the function's row of the kernel is watched. */
import { definitionsOf, traceGraph } from '@pmkit/linker';
import { bootTree, doesNotBuild, record, type Behaviour, type Tree } from '@pmkit/series/catalogue';

/** Those of `behaviours` in whose scenario the function is called, after the machine has booted, in a tree; none where the tree does not build. */
export function behavioursEntering(name: string, behaviours: readonly Behaviour[], tree: Tree): Behaviour[] {
  if (doesNotBuild(tree)) return [];
  return behaviours.filter(({ scenario }) => {
    const seen = { entered: false };
    record(scenario, tree, {
      bootKernel: (config) => {
        const kernel = bootTree(tree, config);
        if (definitionsOf(kernel).has(name)) traceGraph(kernel, ({ kind }) => { seen.entered ||= kind === 'enter'; }, (row) => row === name);
        return kernel;
      },
    });
    return seen.entered;
  });
}
