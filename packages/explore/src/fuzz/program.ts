/**
 * A program of the fuzzer: system calls and accesses of several tasks, as plain data. Every number means something on every machine, and calls can be taken out:
 * a program stays a program.
 */
import { BAD_POINTER } from '@pmkit/mm-core';
import { nodemask_of } from '@pmkit/mm-core/include/linux/nodemask';

/** An argument. Addresses are sums: `area` is one of the stand's (stand.ts), `result` what the call with that id returned (0 while it has not), `page` counts pages. */
export type Arg =
  | number
  | 'null' | 'bad' | 'int' | 'text'
  | { readonly area: number; readonly page: number; readonly plus: number }
  | { readonly result: number; readonly page: number }
  | { readonly page: number; readonly plus: number }
  | { readonly pid: number }
  | { readonly u32: readonly number[] }
  | { readonly mask: readonly number[] }
  | { readonly numbers: readonly number[] }
  | { readonly path: string }
  | { readonly disk: string }
  | { readonly limit: readonly [cur: number, max: number] }
  | { readonly time: readonly [sec: number, nsec: number] }
  | { readonly action: readonly [handler: number, flags: number] };

export interface Call {
  /** For `result` of later calls. */
  readonly id: number;
  /** Which task makes it: index among the stand's. */
  readonly task: number;
  /** Of a system call; `load` and `store` access memory. */
  readonly name: string;
  readonly args: readonly Arg[];
}

export interface Program {
  /** Which stand it runs on. */
  readonly stand: string;
  /** Null: one call after the other. A seed: the tasks run at once, and it chooses who takes each step. */
  readonly schedule: number | null;
  readonly calls: readonly Call[];
}

/** Pages that are accessed in a row at most. */
export const MOST_PAGES = 80;

/** What arguments are looked up in. */
export interface Scope {
  readonly pageSize: number;
  readonly areas: readonly number[];
  readonly pids: readonly number[];
  readonly result: (id: number) => number;
  readonly disk: (name: string) => unknown;
}

/** The value that the kernel is given; memory of the caller is new each time. */
export function valueOf(scope: Scope, arg: Arg): unknown {
  if (typeof arg === 'number') return arg;
  if (typeof arg === 'string') return arg === 'null' ? null : arg === 'bad' ? BAD_POINTER : arg === 'int' ? { value: 0 } : { value: '' };
  if ('area' in arg) return (scope.areas[arg.area] ?? 0) + arg.page * scope.pageSize + arg.plus;
  if ('result' in arg) return scope.result(arg.result) + arg.page * scope.pageSize;
  if ('page' in arg) return arg.page * scope.pageSize + arg.plus;
  if ('pid' in arg) return scope.pids[arg.pid] ?? 0;
  if ('u32' in arg) return Uint32Array.from(arg.u32);
  if ('mask' in arg) return nodemask_of(...arg.mask);
  if ('numbers' in arg) return [...arg.numbers];
  if ('path' in arg) return arg.path;
  if ('disk' in arg) return scope.disk(arg.disk);
  if ('limit' in arg) return { rlim_cur: arg.limit[0], rlim_max: arg.limit[1] };
  if ('time' in arg) return { tv_sec: arg.time[0], tv_nsec: arg.time[1] };
  return { sa_handler: arg.action[0], sa_flags: arg.action[1] };
}

function argText(arg: Arg): string {
  if (typeof arg !== 'object') return String(arg);
  if ('area' in arg) return sumText([`area${arg.area}`], arg.page, arg.plus);
  if ('result' in arg) return sumText([`r${arg.result}`], arg.page, 0);
  if ('page' in arg) return sumText([], arg.page, arg.plus);
  if ('pid' in arg) return `pid${arg.pid}`;
  if ('u32' in arg) return `{${arg.u32.join(',')}}`;
  if ('mask' in arg) return `mask{${arg.mask.join(',')}}`;
  if ('numbers' in arg) return `[${arg.numbers.join(', ')}]`;
  if ('path' in arg) return JSON.stringify(arg.path);
  if ('disk' in arg) return arg.disk;
  const [kind, values] = Object.entries(arg)[0] as [string, readonly number[]];
  return `${kind}(${values.join(', ')})`;
}
function sumText(terms: string[], pages: number, bytes: number): string {
  if (pages !== 0 || (terms.length === 0 && bytes === 0)) terms.push(`${pages}P`);
  if (bytes !== 0) terms.push(String(bytes));
  return terms.join(' + ');
}

/** A line a call: `r3: task 1: mmap(0, 4P, 3, 34, -1, 0)`. */
export const programText = ({ stand, schedule, calls }: Program): string =>
  [`on ${stand}, ${schedule === null ? 'one after the other' : `at once, seed ${schedule}`}:`, ...calls.map(({ id, task, name, args }) => `  r${id}: task ${task}: ${name}(${args.map(argText).join(', ')})`)].join('\n');
