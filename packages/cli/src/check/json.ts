/** What pmkit check --format json prints. */
import type { CheckReport } from '@pmkit/review/check';
import { z } from 'zod';

const status = z.enum(['pass', 'warn', 'fail']);

export const checkSchema = z
  .strictObject({
    schema: z.literal('pmkit-check/1'),
    patch: z.string().describe('file name in the series'),
    number: z.int().min(1).max(10).nullable().describe('null: a patch of the hotplug project'),
    summary: z.string(),
    status: status.describe('the worst of the checks'),
    checks: z.array(z.strictObject({
      id: z.enum(['apply', 'build', 'prototypes', 'behaviours', 'invariants', 'findings', 'races']),
      status: status.describe('the worst of the cases'),
      summary: z.string(),
      cases: z.array(z.strictObject({
        name: z.string(),
        status,
        text: z.string(),
        place: z.strictObject({ file: z.string(), line: z.int().min(1) }).nullable().describe('where to look'),
      })),
    })),
  })
  .describe('pmkit check --format json');

export type CheckJson = z.infer<typeof checkSchema>;

export const checkJson = ({ checks, ...report }: CheckReport): CheckJson => ({ schema: 'pmkit-check/1', ...report, checks: checks.map((check) => ({ ...check, cases: [...check.cases] })) });
