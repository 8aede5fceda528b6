/** Names and numbers of the system calls of a kernel, and who brought them. */
import { definitionsOf } from '@pmkit/linker';
import { syscallNumbers } from '@pmkit/mm-core';
import type { AnyKernel } from '@pmkit/series/levels';
import { MIGRATE_PAGES } from '@pmkit/series/catalogue';

/** The call that every level's programs know the number of. */
const FROM_THE_SERIES: Readonly<Record<number, string>> = { [MIGRATE_PAGES]: 'migrate_pages' };

/** Name of a call; one that this kernel does not have is `syscall_0x4fa`, as strace has it. */
export function callName(k: AnyKernel, call: number | string): string {
  if (typeof call === 'string') return call.replace(/^(sys|ia64|do)_/, '');
  const symbol = k.sys_call_table[call];
  if (symbol !== undefined && symbol !== 'sys_ni_syscall') return symbol.replace(/^(sys|ia64|do)_/, '');
  return FROM_THE_SERIES[call] ?? `syscall_0x${call.toString(16)}`;
}

/** The number to call by, also of a call that a later patch brings; undefined for a name that no kernel has. */
export function callNumber(k: AnyKernel, name: string): number | undefined {
  const bare = name.replace(/^(sys|ia64|do)_/, '');
  const known = syscallNumbers(k).get(bare);
  if (known !== undefined) return known;
  return Object.entries(FROM_THE_SERIES).map(([number, call]) => [call, Number(number)] as const).find(([call]) => call === bare)?.[1];
}

/** The calls of the kernel that runs: number, name, its function, the kernel file, and package of the patch that wrote it as it is. */
export interface ListedCall { readonly number: number; readonly name: string; readonly symbol: string; readonly file: string; readonly package: string; /** Packages whose versions it replaced. */ readonly before: readonly string[] }

/** Ascending. */
export function listCalls(k: AnyKernel): ListedCall[] {
  const definitions = definitionsOf(k);
  return [...syscallNumbers(k)].map(([name, number]) => {
    const symbol = k.sys_call_table[number]!;
    const { origin, history } = definitions.get(symbol)!;
    return { number, name, symbol, file: origin.file, package: origin.package, before: history.map(entry => entry.package) };
  }).sort((a, b) => a.number - b.number);
}
