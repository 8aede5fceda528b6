/** A behaviour, run and looked at more closely than the catalogue does: is the machine consistent afterwards, and through which functions of a patch did it go? */
import { definitionsOf, LinkError, traceGraph } from '@pmkit/linker';
import { check_invariants } from '@pmkit/mm-core/testing';
import { bootTree, Lab, NO_BUILD, type Behaviour, type Tree } from '@pmkit/series/catalogue';

export interface Examined {
  readonly seen: string;
  /** What check_invariants() says afterwards. */
  readonly violations: readonly string[];
  /** The function of the patch that was entered last, which is as far into it as the scenario came; null when none was. */
  readonly entered: string | null;
}

/** Runs a scenario in a tree. @param patch file name of the patch whose functions are watched */
export function examine(behaviour: Behaviour, tree: Tree, patch: string): Examined {
  let entered: string | null = null;
  const lab = new Lab(tree, {
    bootKernel: config => {
      const kernel = bootTree(tree, config);
      const definitions = definitionsOf(kernel);
      traceGraph(kernel, event => {
        if (event.kind === 'enter') entered = event.name;
      }, name => definitions.get(name)?.origin.patch === patch);
      return kernel;
    },
  });
  try {
    const seen = behaviour.scenario(lab);
    return { seen, violations: check_invariants(lab.k), entered };
  } catch (error) {
    if (error instanceof LinkError) return { seen: NO_BUILD, violations: [], entered: null };
    return { seen: `scenario failed: ${error instanceof Error ? error.message : String(error)}`, violations: [], entered };
  } finally {
    lab.dispose();
  }
}
