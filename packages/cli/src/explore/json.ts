/** What pmkit explore --json prints. */
import type { AtLevel, ExploreOptions } from '@pmkit/explore';
import { z } from 'zod';

export const exploreSchema = z
  .strictObject({
    schema: z.literal('pmkit-explore/1'),
    race: z.string(),
    strategy: z.string(),
    levels: z.array(
      z.strictObject({
        level: z.int().min(0).max(10),
        hotplug: z.boolean(),
        builds: z.boolean(),
        exhaustive: z.boolean().describe('whether everything that can come of the race was seen'),
        fraction: z.number().nullable().describe('share of the tree of choices that was seen, when at each choice every option counts the same; null: not known'),
        executions: z.int().describe('executions that were walked through'),
        states: z.int().describe('states that were met; 0 for other strategies'),
        digest: z.string().describe('equal for equal results'),
        endings: z.array(
          z.strictObject({
            text: z.string(),
            failures: z.array(z.string()).describe('what went wrong, numbers taken out'),
            count: z.string().describe('interleavings (states) or executions that end so: a decimal number, which may be long'),
            preemptions: z.int().describe('of the smallest schedule that ends so'),
            schedule: z.array(z.string()).describe('who takes each of its steps'),
          }),
        ),
      }),
    ),
  })
  .describe('pmkit explore --json');

export type ExploreJson = z.infer<typeof exploreSchema>;

export function explorationJson(race: string, levels: readonly AtLevel[], { strategy = 'states' }: ExploreOptions): ExploreJson {
  return { schema: 'pmkit-explore/1', race, strategy, levels: levels.map(levelJson) };
}

function levelJson(at: AtLevel): ExploreJson['levels'][number] {
  const { level, hotplug } = at.tree;
  if (!('exploration' in at)) return { level, hotplug, builds: false, exhaustive: false, fraction: null, executions: 0, states: 0, digest: '', endings: [] };
  const { exhaustive, fraction, executions, states, digest, endings, actors } = at.exploration;
  return {
    level, hotplug, builds: true, exhaustive, fraction, executions, states, digest,
    endings: endings.map(({ text, failures, count, schedule }) => ({
      text, failures: [...failures], count: String(count), preemptions: schedule.preemptions, schedule: schedule.steps.map(step => actors[step]!),
    })),
  };
}
