/** The migration policy of a mapped file, as mbind() and get_mempolicy() of patch 6 set and tell it. */
import { MPOL_DEFAULT } from '@pmkit/mm-core/include/linux/mempolicy';
import {
  MPOL_F_MMIGRATE, MPOL_MF_DO_MMIGRATE, MPOL_MF_DO_NOT_MMIGRATE, MPOL_MF_MMIGRATE_DEFAULT,
} from '@pmkit/p06-mbind-control/include/linux/mempolicy';
import type { Lab, Mapping } from '../lab.js';

export { MPOL_F_MMIGRATE };
export const DO = MPOL_MF_DO_MMIGRATE;
export const DO_NOT = MPOL_MF_DO_NOT_MMIGRATE;
export const DEFAULT = MPOL_MF_MMIGRATE_DEFAULT;

/** mbind() of a mapping by its task with these flags, as the changelog has it: mode MPOL_DEFAULT, no mask. */
export const mark = (lab: Lab, { task, address, pages }: Mapping, flags: number, mode = MPOL_DEFAULT): string =>
  lab.result(lab.call(task, 'mbind', address, pages * lab.k.m.PAGE_SIZE, mode, null, 0, flags));

/** What get_mempolicy() with MPOL_F_MMIGRATE stores: `bits 4`; or its error. */
export function bits(lab: Lab, { task, address }: Mapping): string {
  const policy = { value: NaN };
  const result = lab.call(task, 'get_mempolicy', policy, null, 0, address, MPOL_F_MMIGRATE);
  return result < 0 ? lab.result(result) : `bits ${policy.value}`;
}
