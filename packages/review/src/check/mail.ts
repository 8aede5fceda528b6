/** Which patch of the series a mail carries, as b4 hands it to a check. */
import type { PatchEntry } from '@pmkit/series/stack';
import PostalMime from 'postal-mime';
import { isReply, namePattern } from '../originals/identify.js';

const COVER = /\[[^\]]*?\b0+\/\d+\s*\]/;

/** The patch that the subject of a mail names; null for a cover letter and an answer, whatever they name, and for mail about something else. */
export async function patchOfMail(mail: string, entries: readonly PatchEntry[]): Promise<PatchEntry | null> {
  const { subject = '' } = await PostalMime.parse(mail);
  if (isReply({ subject }) || COVER.test(subject)) return null;
  return entries.find(({ name }) => namePattern(name).test(subject)) ?? null;
}
