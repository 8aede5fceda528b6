/** A patch's page as data; its schema is in schemas.ts. */
import { expectedRuns, type Behaviour } from '@pmkit/series/catalogue';
import type { PatchPage } from '@pmkit/series/patches';
import type { PatchJson } from '../schemas.js';

export function pageJson(page: PatchPage): PatchJson {
  const { facts, behaviours } = page;
  const list = (of: readonly Behaviour[]): PatchJson['behaviours']['claims'] => of.map(behaviourJson);
  return {
    schema: 'pmkit-patch/1',
    name: page.name,
    number: page.number,
    package: page.package,
    summary: page.summary,
    after: page.after,
    author: facts.author,
    mail: facts.mail,
    purpose: [...facts.purpose],
    needs: [...facts.needs],
    diffstat: {
      source: facts.diffstat,
      insertions: page.insertions,
      deletions: page.deletions,
      files: page.files.map((file) => ({ ...file, symbols: file.symbols.map((symbol) => ({ ...symbol, alsoIn: [...symbol.alsoIn] })) })),
    },
    behaviours: {
      claims: list(behaviours.claims),
      holds: list(behaviours.holds),
      breaks: list(behaviours.breaks),
      discrepancies: list(behaviours.discrepancies),
      defects: list(behaviours.defects),
      changedDefects: list(behaviours.changedDefects),
    },
    changed: page.changed.map((symbol) => ({ ...symbol, patches: [...symbol.patches] })),
    remarks: [...facts.remarks],
    reviews: facts.reviews.map(({ by, date, messageId, text }) => ({ by, date, messageId: messageId ?? null, text })),
    lineage: facts.lineage.map(({ version, commit, text }) => ({ version, commit: commit ?? null, text })),
    sources: [...facts.sources],
  };
}

function behaviourJson(behaviour: Behaviour): PatchJson['behaviours']['claims'][number] {
  const { id, kind, sentence, sources, patch } = behaviour;
  return { id, kind, sentence, sources: [...sources], patch, levels: expectedRuns(behaviour), hotplug: behaviour.hotplug === undefined ? null : expectedRuns(behaviour, true) };
}
