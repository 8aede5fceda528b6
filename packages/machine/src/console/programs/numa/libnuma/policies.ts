/** Names of the memory policies, as numactl and memhog know them (util.c of numactl 2.0.16). */
import { MPOL_BIND, MPOL_DEFAULT, MPOL_INTERLEAVE, MPOL_PREFERRED } from '@pmkit/mm-core/include/linux/mempolicy';
import { strtoul } from '../../../strtoul.js';

/** Came with Linux 3.8 and 5.15: numbers that 2.6.12 refuses with -EINVAL. */
export const MPOL_LOCAL = 4;
const MPOL_PREFERRED_MANY = 5;

const NAMES = ['default', 'preferred', 'bind', 'interleave', 'local', 'preferred-many'];
export const policyName = (mode: number): string => NAMES[mode] ?? `[${mode}]`;

const COMMANDS: Readonly<Record<string, { readonly mode: number; readonly alone: boolean }>> = {
  'preferred-many': { mode: MPOL_PREFERRED_MANY, alone: false }, local: { mode: MPOL_LOCAL, alone: true }, interleave: { mode: MPOL_INTERLEAVE, alone: false },
  membind: { mode: MPOL_BIND, alone: false }, preferred: { mode: MPOL_PREFERRED, alone: false }, default: { mode: MPOL_DEFAULT, alone: true },
};
/** The line that usage texts end with. */
export const POLICIES = `Policies: ${Object.keys(COMMANDS).join(' ')}\n`;

/** The mode that a word asks for, with dashes in front or not; null for a word that is none, or that lacks its nodes. */
export function parsePolicy(word: string | undefined, nodes: string | undefined): number | null {
  if (word === undefined) return MPOL_DEFAULT;
  const name = word.replace(/^-+/, '');
  if (!Object.hasOwn(COMMANDS, name)) return null;
  const { mode, alone } = COMMANDS[name]!;
  return alone || nodes !== undefined ? mode : null;
}

/** memsize(): bytes, with g, m or k behind; whatever follows is ignored. */
export function memsize(text: string): number {
  const { value, end } = strtoul(text);
  const power = 'KMG'.indexOf((text[end] ?? '-').toUpperCase()) + 1;
  return Number(BigInt.asUintN(64, value << BigInt(10 * power)));
}

/** printmask(): `name: 0 1 ` and the end of the line. */
export const maskLine = (name: string, numbers: readonly number[]): string => `${name}: ${numbers.map(number => `${number} `).join('')}\n`;
