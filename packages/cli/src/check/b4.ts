/**
 * A checked patch as `b4 review` takes the results of a check command: an array of objects with `tool`, `status` (pass, warn, fail), and perhaps `summary`, `url` and `details`.
 *
 * Source: b4's docs/maintainer/review.rst, "CI check integration", and misc/review-ci-example.py (b4 0.15).
 */
import type { Check, CheckReport } from '@pmkit/review/check';
import { z } from 'zod';

export const b4Schema = z
  .array(z.strictObject({
    tool: z.string().min(1).describe('heading of a column in the matrix of results'),
    status: z.enum(['pass', 'warn', 'fail']),
    summary: z.string().regex(/^.*$/).optional().describe('one line'),
    url: z.url().optional().describe('what the maintainer opens in a browser'),
    details: z.string().optional().describe('lines for the view of details'),
  }))
  .describe('pmkit check --format b4: results of a check command of b4 review');

export type B4Results = z.infer<typeof b4Schema>;

/** @param url of a page about the run, the same for all. */
export const b4Results = ({ checks }: CheckReport, url?: string): B4Results => checks.map((check) => {
  const details = detailsOf(check);
  return { tool: `pmkit-${check.id}`, status: check.status, summary: check.summary, ...(url === undefined ? {} : { url }), ...(details === '' ? {} : { details }) };
});

const detailsOf = ({ cases }: Check): string => cases.filter(({ status }) => status !== 'pass')
  .map(({ name, text, place }) => `${name}${place === null ? '' : ` (${place.file}:${place.line})`}\n${text.replaceAll(/^/gm, '  ')}`).join('\n');
