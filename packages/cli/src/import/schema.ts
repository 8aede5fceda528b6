/** Imported processes and dry runs as JSON. */
import { z } from 'zod';

const count = z.int().min(0);
const node = z.int().min(0).max(255);
const nodes = z.array(node);
const address = z.number().min(0).max(2 ** 64).multipleOf(4096);
const policy = z.strictObject({ mode: z.enum(['default', 'preferred', 'bind', 'interleave']), nodes });
const ids = z.tuple([count, count, count]);

const vma = z.strictObject({
  start: address.describe('bytes, of the real process'),
  end: address.describe('exclusive'),
  permissions: z.string().regex(/^[r-][w-][x-][sp]$/),
  object: count.nullable().describe('index in `objects`; null for anonymous memory'),
  offset: count.describe('pages into the object'),
  kind: z.enum(['heap', 'stack']).nullable(),
  locked: z.boolean().describe('VM_LOCKED'),
  io: z.boolean().describe('VM_IO'),
  writable: z.boolean().describe('whether a shared file was opened for writing'),
  policy: policy.nullable().describe("null: the process's counts"),
  nodes: z.array(z.tuple([node, count])).describe('pages in memory by node, ascending'),
  anon: count.describe('pages that are private copies or anonymous memory'),
  dirty: count,
  mapmax: z.int().min(1).describe('the most page tables that map one page'),
});

const machine = z.object({
  name: z.string(),
  pageSize: z.int().optional(),
  nodes: z.array(z.object({ id: node, memory: count, memFree: count.optional(), cpus: z.array(count) })),
  distances: z.array(z.array(z.int())),
  cpus: z.array(count).optional(),
});

export const processSchema = z
  .strictObject({
    schema: z.literal('pmkit-process/1'),
    comm: z.string().min(1).max(15),
    pid: count,
    uid: ids.describe('real, effective, saved'),
    gid: ids,
    pageSize: z.union([z.literal(4096), z.literal(8192), z.literal(16384), z.literal(65536)]),
    policy,
    cpus: z.array(count).nullable(),
    mems: nodes.nullable().describe('nodes that the cpuset allows; null: all'),
    objects: z.array(z.strictObject({ kind: z.enum(['file', 'shared memory', 'SysV segment']), path: z.string().startsWith('/'), deleted: z.boolean(), pages: z.int().min(1) })),
    vmas: z.array(vma).max(65_536),
    machine: machine.nullable(),
    notes: z.array(z.string()).describe('what the process has and the simulated one will not'),
  })
  .describe('pmkit import-process -o');

const change = z.strictObject({ before: z.string(), after: z.string() });
const prediction = z.strictObject({ action: z.enum(['move', 'keep', 'refuse']), rule: z.string(), patch: z.int().min(0).max(10) });

export const dryRunSchema = z
  .strictObject({
    schema: z.literal('pmkit-dry-run/1'),
    process: z.strictObject({ comm: z.string(), pid: count, notes: z.array(z.string()) }),
    from: nodes,
    to: nodes,
    levels: z.array(
      z.strictObject({
        level: z.int().min(0).max(10),
        result: z.string().describe('what migrate_pages() returned: a number of pages, or -ERRNO'),
        moved: count.describe('pages, counted in each vma that maps them'),
        stayed: count,
        refusal: prediction.nullable(),
        mismatch: z.string().nullable().describe('a result that the rules do not say'),
        policy: change.describe('of the process'),
        vmas: z.array(
          z.strictObject({
            start: z.number(),
            end: z.number(),
            permissions: z.string(),
            name: z.string(),
            fates: z.array(z.strictObject({ pages: count, from: z.int(), to: z.int(), moved: z.boolean(), rule: z.string(), symbol: z.string(), patch: z.string() })),
            policy: change,
            expected: prediction,
            mismatch: z.string().nullable(),
          }),
        ),
        log: z.array(z.string()).describe('what the kernel wrote during the call'),
        differences: z.array(z.string()).describe('what could not be built as it was'),
      }),
    ),
  })
  .describe('pmkit dry-run --json');

/** What is printed is not changed any more. */
type Frozen<T> = T extends (infer Item)[] ? readonly Frozen<Item>[] : T extends object ? { readonly [Key in keyof T]: Frozen<T[Key]> } : T;

export type DryRunJson = Frozen<z.infer<typeof dryRunSchema>>;
