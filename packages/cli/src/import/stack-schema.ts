/** What pmkit import --json prints. */
import { z } from 'zod';

export const importSchema = z
  .strictObject({
    schema: z.literal('pmkit-import/1'),
    patches: z.array(
      z.strictObject({
        name: z.string(),
        number: z.int().min(1).max(10).nullable().describe("null for a patch of the hotplug project, and for the sender's own"),
        isKnown: z.boolean().describe('whether the kit has a patch of that name'),
        others: z
          .array(z.strictObject({ file: z.string(), symbols: z.array(z.string()).describe('its declarations that are others; empty when only comments or imports are, or when it is not TypeScript') }))
          .nullable()
          .describe("files of the tree that are not as in the kit's tree with the same patches; null when the kit has no such tree"),
      }),
    ),
    behaviours: z
      .array(
        z.strictObject({
          id: z.string(),
          seen: z.array(z.string()).describe('in the base, then in the tree of each patch'),
          expected: z.array(z.string().nullable()).describe("by the kit's catalogue; null where the kit has no such tree"),
          changes: z.array(z.int().min(1)).describe('places of the patches at which something else is seen than in the last tree below that builds'),
        }),
      )
      .nullable()
      .describe('null without --trust'),
  })
  .describe('pmkit import --json');

export type ImportJson = z.infer<typeof importSchema>;
