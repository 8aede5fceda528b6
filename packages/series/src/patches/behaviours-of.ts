/** Which behaviours of the catalogue belong on the page of a patch, and under which heading. */
import { changesOf, type Behaviour } from '../catalogue/behaviour.js';

/** Each behaviour stands under one heading, the first that fits. */
export interface PatchBehaviours {
  /** What it makes worse than it was. */
  readonly breaks: readonly Behaviour[];
  /** Claims that become true with it. */
  readonly claims: readonly Behaviour[];
  /** Claims about it that hold before and after. */
  readonly holds: readonly Behaviour[];
  readonly discrepancies: readonly Behaviour[];
  /** Defects it is about: its own, or those it mends. */
  readonly defects: readonly Behaviour[];
  /** Defects of other patches that look different with it. */
  readonly changedDefects: readonly Behaviour[];
}

type Heading = keyof PatchBehaviours;
/** A patch of the series by number, 0 for the base; undefined for one of the hotplug project. */
export type PatchNumber = number | undefined;

function heading(behaviour: Behaviour, patch: PatchNumber): Heading | undefined {
  const { kind } = behaviour;
  const ofKind: Heading = kind === 'claim' ? 'claims' : kind === 'defect' ? 'defects' : 'discrepancies';
  if (patch === undefined) return behaviour.hotplug === undefined ? undefined : ofKind;
  if (behaviour.breaks === patch) return 'breaks';
  const changes = changesOf(behaviour).includes(patch);
  const about = behaviour.patch === patch;
  if (!changes && !about) return undefined;
  if (kind === 'claim' && !changes) return 'holds';
  return kind === 'defect' && !about ? 'changedDefects' : ofKind;
}

/**
 * The behaviours of a patch: those it is about, those that change at its level, those it breaks. For a hotplug patch: those that have
 * something of their own to show in the tree with these patches.
 */
export function behavioursOf(patch: PatchNumber, behaviours: readonly Behaviour[]): PatchBehaviours {
  const under: Record<Heading, Behaviour[]> = { breaks: [], claims: [], holds: [], discrepancies: [], defects: [], changedDefects: [] };
  for (const behaviour of behaviours) {
    const found = heading(behaviour, patch);
    if (found !== undefined) under[found].push(behaviour);
  }
  return under;
}

/** Whether a behaviour is on the page of a patch. */
export const concerns = (behaviour: Behaviour, patch: PatchNumber): boolean => heading(behaviour, patch) !== undefined;
