/**
 * What --json prints, as schemas: the commands' output has their types, and docs/schemas has them as JSON Schema. A field may be added; one that
 * changes its meaning or goes away takes a new number in `schema`.
 */
import { z } from 'zod';
import { b4Schema } from './check/b4.js';
import { checkSchema } from './check/json.js';
import { exploreSchema } from './explore/json.js';
import { graphSchema } from './graph/json.js';
import { dryRunSchema, processSchema } from './import/schema.js';
import { importSchema } from './import/stack-schema.js';
import { originalsSchema } from './originals/schema.js';

const source = z.strictObject({
  from: z.enum(['overview', 'changelog', 'mail', 'code', 'manual', 'deduced']).describe('what kind of source; deduced: it follows from the code, nobody says so'),
  at: z.string().describe('where in it'),
});
const kind = z.enum(['claim', 'discrepancy', 'defect']);
const lines = z.int().min(0).nullable().describe('lines of the original; null when they are not known');
const day = z.string().regex(/^\d{4}-\d\d-\d\d$/).nullable();

const cell = z.strictObject({
  tree: z.string().regex(/^\d+(\+hotplug)?$/).describe('`4`, or `4+hotplug` with the hotplug patches in the tree'),
  seen: z.string().describe('what the scenario showed when it was run'),
  expected: z.string(),
  ok: z.boolean().describe('whether the two are the same'),
});

export const matrixSchema = z
  .strictObject({
    schema: z.literal('pmkit-matrix/1'),
    trees: z.array(z.strictObject({ tree: z.string(), level: z.int().min(0).max(10), hotplug: z.boolean(), patch: z.string().describe('the patch on top') })),
    behaviours: z.array(
      z.strictObject({
        id: z.string(),
        kind,
        sentence: z.string(),
        sources: z.array(source),
        patch: z.int().min(0).max(10).describe('the patch it is about; 0: the base, or the series as a whole'),
        breaks: z.int().min(0).max(10).nullable().describe('the patch that made it worse'),
        changes: z.array(z.int().min(1).max(10)).describe('levels at which it is expected to look different than at the level below'),
        cells: z.array(cell).describe('in the order of `trees`'),
      }),
    ),
    summary: z.strictObject({ behaviours: z.int(), cells: z.int(), unexpected: z.int() }),
  })
  .describe('pmkit matrix --json');

const run = z.strictObject({ from: z.int(), to: z.int().describe('last level, inclusive'), seen: z.string() });
const behaviour = z.strictObject({
  id: z.string(),
  kind,
  sentence: z.string(),
  sources: z.array(source),
  patch: z.int(),
  levels: z.array(run).describe('what is expected, by ranges of levels'),
  hotplug: z.array(run).nullable().describe('the same with the hotplug patches in the tree; null where that is nothing of its own'),
});

export const patchSchema = z
  .strictObject({
    schema: z.literal('pmkit-patch/1'),
    name: z.string(),
    number: z.int().min(0).max(10).nullable().describe('0: the base; null: a patch of the hotplug project'),
    package: z.string(),
    summary: z.string(),
    after: z.string().nullable().describe('the patch it goes on top of'),
    author: z.string(),
    mail: z.strictObject({ as: z.string(), date: day, messageId: z.string().nullable() }).nullable(),
    purpose: z.array(z.string()),
    needs: z.array(z.int()).describe('numbers of patches it does not work or apply without'),
    diffstat: z.strictObject({
      source: z.string(),
      insertions: lines,
      deletions: lines,
      files: z.array(
        z.strictObject({
          file: z.string(),
          insertions: lines,
          deletions: lines,
          note: z.string().nullable().describe('what the original does in it where there is no symbol here'),
          symbols: z.array(
            z.strictObject({
              name: z.string(),
              change: z.enum(['replaces', 'reprototypes', 'adds']),
              isFunction: z.boolean(),
              alsoIn: z.array(z.string()).describe('other patches that define the symbol anew'),
            }),
          ),
        }),
      ),
    }),
    behaviours: z.strictObject({
      claims: z.array(behaviour).describe('claims that become true with it'),
      holds: z.array(behaviour).describe('claims about it that hold before and after'),
      breaks: z.array(behaviour).describe('what it makes worse'),
      discrepancies: z.array(behaviour),
      defects: z.array(behaviour).describe('it is about: its own, or those it mends'),
      changedDefects: z.array(behaviour).describe('defects of other patches that look different with it'),
    }),
    changed: z.array(z.strictObject({ file: z.string(), name: z.string(), isFunction: z.boolean(), patches: z.array(z.string()) })).describe('what the series changes in the tree below it; empty but for the base'),
    remarks: z.array(z.string()),
    reviews: z.array(z.strictObject({ by: z.string(), date: day, messageId: z.string().nullable(), text: z.string() })),
    lineage: z.array(z.strictObject({ version: z.string(), commit: z.string().nullable(), text: z.string() })),
    sources: z.array(z.string()),
  })
  .describe('pmkit show PATCH --json');

const level = z.int().min(0).max(10);
const patchAt = z.strictObject({
  level,
  patch: z.string().describe('the patch on top'),
  package: z.string().nullable().describe('null for the base tree'),
  summary: z.string().nullable(),
});

export const bisectSchema = z
  .strictObject({
    schema: z.literal('pmkit-bisect/1'),
    hotplug: z.boolean().describe('whether the trees had the hotplug patches'),
    firstBad: patchAt.nullable().describe('null when only skipped levels are left'),
    candidates: z.array(patchAt).describe('among which the first bad level is'),
    levels: z
      .array(
        z.strictObject({
          level,
          patch: z.string(),
          verdict: z.enum(['good', 'bad', 'skip', 'otherwise', 'no build']).describe('otherwise: bad, but not as the bad end is'),
          signature: z.string().describe('how it ended; empty for a tree that does not build'),
        }),
      )
      .describe('what was looked at'),
    monotone: z.boolean().nullable().describe('whether good levels are followed by bad ones that look alike, and by nothing else; null when that was not looked at'),
    changes: z.array(level).describe('levels with another verdict than the last one below that has one'),
  })
  .describe('pmkit bisect run --json, pmkit bisect --behaviour ID --json');

export type BisectJson = z.infer<typeof bisectSchema>;
export type MatrixJson = z.infer<typeof matrixSchema>;
export type PatchJson = z.infer<typeof patchSchema>;

/** As files of docs/schemas. */
export const jsonSchemas = (): Readonly<Record<string, object>> => ({
  'bisect.json': z.toJSONSchema(bisectSchema), 'check.json': z.toJSONSchema(checkSchema), 'check-b4.json': z.toJSONSchema(b4Schema),
  'dry-run.json': z.toJSONSchema(dryRunSchema), 'explore.json': z.toJSONSchema(exploreSchema), 'graph.json': z.toJSONSchema(graphSchema), 'import.json': z.toJSONSchema(importSchema), 'matrix.json': z.toJSONSchema(matrixSchema),
  'originals.json': z.toJSONSchema(originalsSchema), 'patch.json': z.toJSONSchema(patchSchema), 'process.json': z.toJSONSchema(processSchema),
});
