/** Which patch of the series a mail carries, as b4 hands it to a check. */
import type { PatchEntry } from '@pmkit/series/stack';
import PostalMime from 'postal-mime';
import { namePattern } from '../originals/identify.js';

/** The patch that the subject of a mail names; null for a cover letter, and for mail about something else. */
export async function patchOfMail(mail: string, entries: readonly PatchEntry[]): Promise<PatchEntry | null> {
  const { subject = '' } = await PostalMime.parse(mail);
  return entries.find(({ name }) => namePattern(name).test(subject)) ?? null;
}
