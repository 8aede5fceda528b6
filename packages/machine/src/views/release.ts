/**
 * Names of the running kernel: struct new_utsname and linux_banner (init/version.c). The release says which tree it was built from and the
 * top patch, as a kernel with CONFIG_LOCALVERSION would: `2.6.12-rc5-mhp1+xfs-migrate-page-rc3`. Modelled: who built it, with what and when (the day on
 * which -rc3 was posted); the host is called after the machine.
 */
import { definitionsOf, type Definitions } from '@pmkit/linker';
import { level10 } from '@pmkit/series/levels';
import type { AnyKernel } from '@pmkit/series/levels';

const TREE = '2.6.12-rc5-mhp1';
/** __NEW_UTS_LEN: no name is longer. */
const UTS_LEN = 64;
const VERSION = '#1 SMP Wed Jun 22 16:39:08 UTC 2005';

export interface Utsname { readonly sysname: string; readonly nodename: string; readonly release: string; readonly version: string; readonly machine: string }

const releases = new WeakMap<Definitions, string>();

/** The patch that was pushed last, of those from which a symbol is linked; none at the base. */
function topPatch(definitions: Definitions): string | undefined {
  const applied = new Set<string>();
  for (const { origin } of definitions.values()) applied.add(origin.patch);
  return level10.applied.slice(1).findLast(patch => applied.has(patch));
}

function releaseOf(definitions: Definitions): string {
  let release = releases.get(definitions);
  if (release === undefined) {
    const patch = topPatch(definitions);
    release = (patch === undefined ? TREE : `${TREE}+${patch.replace(/\.patch$/, '')}`).slice(0, UTS_LEN);
    releases.set(definitions, release);
  }
  return release;
}

/** What uname(2) says. */
export function utsname(k: AnyKernel): Utsname {
  return { sysname: 'Linux', nodename: k.m.nodename, release: releaseOf(definitionsOf(k)), version: VERSION, machine: 'ia64' };
}

/** linux_banner, without the end of the line. */
export function banner(k: AnyKernel): string {
  const { release, version } = utsname(k);
  return `Linux version ${release} (pmkit@localhost) (gcc version 3.4.3) ${version}`;
}
