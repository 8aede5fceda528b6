/** What pmkit originals --json prints. */
import { z } from 'zod';

const count = z.int().min(0);
const counts = z.strictObject({ insertions: count, deletions: count });
const known = count.nullable().describe('null when it is not known');
const symbol = z.strictObject({ file: z.string(), name: z.string() });
const mail = z.strictObject({
  line: z.int().min(1).describe('where it begins in the mailbox, unpacked'),
  date: z.string().nullable().describe('a day, in UTC'),
  from: z.string(),
  subject: z.string(),
  messageId: z.string().nullable(),
});
const change = z.enum(['replaces', 'reprototypes', 'adds']);

export const originalsSchema = z
  .strictObject({
    schema: z.literal('pmkit-originals/1'),
    mails: z.array(
      mail.extend({
        is: z.enum(['patch', 'again', 'cover', 'reply', 'other']).describe('again: a second mail of a patch'),
        patch: z.int().min(0).max(10).nullable().describe('the patch that it is or answers; 0: the overview'),
      }),
    ),
    patches: z.array(
      z.strictObject({
        number: z.int().min(1).max(10),
        name: z.string(),
        package: z.string(),
        mail: mail.nullable().describe('null when the mailbox does not have it'),
        knownMail: z.strictObject({ as: z.string(), date: z.string(), messageId: z.string().nullable() }).nullable().describe('what the kit knows of the mail'),
        counted: counts.nullable().describe('lines, by the hunks of the mail'),
        stated: counts.nullable().describe("lines, by the mail's own diffstat"),
        files: z.array(
          z.strictObject({
            file: z.string(),
            mail: counts.nullable().describe('null when the mail does not touch it'),
            facts: z.strictObject({ insertions: known, deletions: known, note: z.string().nullable() }).nullable().describe('what the kit knows of the original'),
            hunks: z.array(z.strictObject({ oldStart: count, oldLines: count, newStart: count, newLines: count })),
            symbols: z.array(
              z.strictObject({
                hunk: z.int().min(1).nullable().describe('null for what only the kit has'),
                original: z.strictObject({ name: z.string().nullable().describe('null outside of functions'), change: z.enum(['adds', 'removes', 'changes']), ...counts.shape }).nullable(),
                kit: z.strictObject({ name: z.string(), change, isFunction: z.boolean() }).nullable(),
                mentions: count.describe('changed lines of the original that name a symbol of the kit which it does not define'),
              }),
            ),
          }),
        ),
        onlyInMail: z.array(symbol),
        onlyInKit: z.array(symbol),
        answers: z.array(z.int()).describe('lines of the mails that answer it'),
        reviews: z.array(z.strictObject({ by: z.string(), date: z.string().nullable(), line: z.int().nullable().describe('of its mail in the mailbox; null when that is not there, or not known') })),
      }),
    ),
  })
  .describe('pmkit originals --json');

export type OriginalsJson = z.infer<typeof originalsSchema>;
