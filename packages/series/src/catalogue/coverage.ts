/** What is said of the series, and where the catalogue shows it. */
import { changelogs } from './checklist/changelogs.js';
import { defects, discrepancies, table } from './checklist/findings.js';
import type { Chapter } from './checklist/item.js';
import { overview } from './checklist/overview.js';

export type { Chapter, Item, Section } from './checklist/item.js';
export { changelogs, defects, discrepancies, overview };

/** By whom it is said: overview, changelogs, reviews and readers of the code. */
export const coverage: readonly Chapter[] = [overview, changelogs, discrepancies, defects, table];
