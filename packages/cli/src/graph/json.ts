/** What pmkit graph --json prints. */
import type { Change, Dependency, LeftOut, PatchGraph } from '@pmkit/review/graph';
import { z } from 'zod';

const patch = z.string().describe('file name in the series');
const witness = { behaviour: z.string().describe('id in the catalogue'), seen: z.string().describe('in the whole series'), without: z.string().describe('with the patches left out') };
const change = z.strictObject({ ...witness, about: z.array(patch).describe('patches that are still there and that it is about, or that change it') });

export const graphSchema = z
  .strictObject({
    schema: z.literal('pmkit-graph/1'),
    patches: z.array(z.strictObject({
      name: patch,
      label: z.string().describe('`4`; `N1.0` of a patch of the hotplug project'),
      number: z.int().min(1).max(10).nullable(),
      summary: z.string(),
    })),
    dependencies: z.array(z.strictObject({
      patch,
      needs: patch,
      textual: z.array(z.strictObject({
        file: z.string(),
        symbol: z.string().nullable().describe('what both define; null: they only change the same file'),
        conflict: z.boolean().describe('whether a diff of the later patch would not be applied without the earlier one'),
      })),
      uses: z.array(z.strictObject({
        how: z.enum(['calls', 'prototype', 'imports', 'type']).describe('prototype: it calls by the prototype that the other gave it'),
        symbol: z.string(),
        by: z.string().describe('the function that calls, or the module that imports'),
      })),
      behavioural: z.array(z.strictObject(witness)),
      gone: z.array(z.string()).describe('why the patch cannot stay when only the other is left out; empty when it can'),
      stated: z.boolean().describe('whether the page of the patch says that it needs the other'),
    })),
    leftOut: z.array(z.strictObject({
      patches: z.array(patch).min(1).max(2),
      gone: z.array(z.strictObject({ patch, direct: z.boolean().describe('for want of these, and not of another that had to go'), why: z.array(z.string()) })).describe('patches that have to go too'),
      own: z.array(change).describe('what the patches themselves do'),
      ofGone: z.array(change).describe('what those do that have to go too'),
      others: z.array(change).describe('what else looks different'),
      together: z.array(change).describe('of two patches: what shows neither what it shows without the first, nor without the second'),
    })),
    run: z.strictObject({ behaviours: z.int(), trees: z.int() }).describe('so many behaviours, in so many different trees'),
  })
  .describe('pmkit graph --json');

export type GraphJson = z.infer<typeof graphSchema>;

export const graphJson = ({ nodes, dependencies, leftOut, behaviours, trees }: PatchGraph): GraphJson => ({
  schema: 'pmkit-graph/1',
  patches: [...nodes],
  dependencies: dependencies.map(dependencyJson),
  leftOut: leftOut.map(leftOutJson),
  run: { behaviours, trees },
});

const dependencyJson = ({ textual, uses, behavioural, gone, ...rest }: Dependency): GraphJson['dependencies'][number] => ({
  ...rest, textual: [...textual], uses: [...uses], behavioural: [...behavioural], gone: [...gone],
});

const leftOutJson = ({ patches, gone, own, ofGone, others, together }: LeftOut): GraphJson['leftOut'][number] => ({
  patches: [...patches], gone: gone.map((it) => ({ ...it, why: [...it.why] })), own: changesJson(own), ofGone: changesJson(ofGone), others: changesJson(others), together: changesJson(together),
});

const changesJson = (changes: readonly Change[]): GraphJson['leftOut'][number]['own'] => changes.map((it) => ({ ...it, about: [...it.about] }));
