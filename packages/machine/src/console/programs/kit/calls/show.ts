/**
 * A system call as strace(1) prints it. Shapes are those of strace 6.1 (masks of nodes as words in hexadecimal, `NULL`, `= -1 EPERM (…)`); the arrays of
 * migrate_pages(), which no strace ever knew, are printed as the C array they are.
 */
import { BAD_POINTER } from '@pmkit/mm-core';
import { CSIGNAL } from '@pmkit/mm-core/include/linux/sched';
import { errnoName } from '@pmkit/mm-core/model/errno-name';
import { strerror } from '../../../process.js';
import { signalName } from '../../../signals.js';
import { CHOICES, choiceText, FLAGS, flagsText, type Names } from './flags.js';
import { SIGNATURES, type Param, type ParamType } from './signatures.js';

type Args = readonly unknown[];
type Show = (value: unknown, args: Args, param: Param) => string;

/** Elements of an array that are printed, strace's -s. */
const MAX_ELEMENTS = 32;

const addressText = (value: number): string => (value === 0 ? 'NULL' : `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`);
export const signalText = (signal: number): string => (signal === 0 ? '0' : signalName(signal) === undefined ? String(signal) : `SIG${signalName(signal)!}`);

const isPointer = (value: unknown): boolean => value === null || value === undefined || value === BAD_POINTER;
/** What is printed of a pointer that leads nowhere. The bad one stands for any address that faults. */
const pointerText = (value: unknown): string => (value === BAD_POINTER ? '0x1' : 'NULL');

const numberText = (value: unknown): string => (typeof value === 'number' ? String(value) : typeof value === 'string' ? JSON.stringify(value) : isPointer(value) ? pointerText(value) : '...');

function listText(values: ArrayLike<number>, count: number): string {
  const shown = Array.from({ length: Math.min(count, values.length, MAX_ELEMENTS) }, (_, i) => values[i]);
  return `{${shown.join(', ')}${Math.min(count, values.length) > MAX_ELEMENTS ? ', ...' : ''}}`;
}

/** A mask of `maxnode` bits as words of 64, lowest first: `[0x0000000000000c]` as `%#0*lx` in 16 places prints them. */
function maskText(mask: Uint32Array, maxnode: number): string {
  const words = Math.min(Math.ceil(Math.max(0, maxnode - 1) / 64), Math.ceil(mask.length / 2));
  return `[${Array.from({ length: words }, (_, i) => wordText((BigInt(mask[2 * i + 1] ?? 0) << 32n) | BigInt(mask[2 * i]!))).join(', ')}]`;
}
const wordText = (word: bigint): string => (word === 0n ? '0'.repeat(16) : `0x${word.toString(16).padStart(14, '0')}`);

/** How wait4() says a child has ended: the exit status, or the signal. */
function statusText(status: number): string {
  const signal = status & 0x7f;
  return signal === 0 ? `[{WIFEXITED(s) && WEXITSTATUS(s) == ${(status >> 8) & 0xff}}]` : `[{WIFSIGNALED(s) && WTERMSIG(s) == ${signalText(signal)}}]`;
}

function handlerText({ sa_handler = 0, sa_flags = 0 }: { readonly sa_handler?: number; readonly sa_flags?: number }): string {
  const handler = sa_handler === 0 ? 'SIG_DFL' : sa_handler === 1 ? 'SIG_IGN' : addressText(sa_handler);
  return `{sa_handler=${handler}, sa_mask=[], sa_flags=${flagsText(FLAGS.actionflags, sa_flags)}}`;
}

function segmentText(buf: Readonly<Record<string, number | undefined>>): string {
  const { uid, gid, mode = 0, key, cuid, cgid, size, cpid, lpid, nattch } = buf;
  if (size === undefined) return `{shm_perm={uid=${uid}, gid=${gid}, mode=${modeText(mode)}}}`;
  return `{shm_perm={uid=${uid}, gid=${gid}, mode=${modeText(mode)}, key=${key}, cuid=${cuid}, cgid=${cgid}}, shm_segsz=${size}, shm_cpid=${cpid}, shm_lpid=${lpid}, shm_nattch=${nattch}}`;
}
const modeText = (mode: number): string => `0${mode.toString(8)}`;

const cpuListText = (mask: Uint32Array): string => `[${Array.from({ length: mask.length * 32 }, (_, cpu) => cpu).filter(cpu => ((mask[cpu >> 5]! >>> (cpu & 31)) & 1) === 1).join(' ')}]`;

const flags = (names: Names): Show => value => (typeof value === 'number' ? flagsText(names, value) : numberText(value));
const choice = (names: Names): Show => value => (typeof value === 'number' ? choiceText(names, value) : numberText(value));
/** Of an object in user memory. */
const pointed = <T>(text: (value: T, args: Args, param: Param) => string): Show => (value, args, param) => (typeof value === 'object' && value !== null ? text(value as T, args, param) : numberText(value));
const limitText = (limit: number): string => (limit >= 2 ** 63 || limit === Infinity ? 'RLIM64_INFINITY' : limit > 1024 && limit % 1024 === 0 ? `${limit / 1024}*1024` : String(limit));

const SHOW: Readonly<Record<ParamType, Show>> = {
  number: numberText, length: numberText, pid: numberText, fd: numberText, address: value => (typeof value === 'number' ? addressText(value) : numberText(value)),
  path: numberText, string: numberText, text: value => (typeof value === 'object' && value !== null ? '""...' : numberText(value)), bytes: () => '""...', tokens: value => (isPointer(value) && value !== BAD_POINTER ? '""...' : value === BAD_POINTER ? '0x1' : '""...'),
  null: () => 'NULL', mode: value => (typeof value === 'number' ? modeText(value) : numberText(value)), signal: value => (typeof value === 'number' ? signalText(value) : numberText(value)),
  key: value => (value === 0 ? 'IPC_PRIVATE' : typeof value === 'number' ? `0x${(value >>> 0).toString(16)}` : numberText(value)),
  gids: pointed<{ readonly length?: number }>(value => (value.length === undefined ? '[...]' : `[${Array.from(value as ArrayLike<number>).slice(0, MAX_ELEMENTS).join(', ')}]`)),
  mask: pointed<Uint32Array>((mask, args, { at }) => maskText(mask, Number(args[at + 1]))),
  nodes: pointed<Uint32Array>((nodes, args) => listText(nodes, Number(args[1]) >>> 0)),
  cpus: pointed<readonly number[]>(cpus => `[${Array.from(cpus).join(' ')}]`),
  cpubytes: value => (typeof value === 'object' && value !== null ? String(Math.max(8, Math.ceil((Math.max(0, ...Array.from(value as ArrayLike<number>)) + 1) / 64) * 8)) : '8'),
  cpumask: pointed<Uint32Array>(cpuListText),
  policyvalue: pointed<{ readonly value: number }>(({ value }, args) => `[${((args[4] as number) & 1) === 0 && ((args[4] as number) & 4) === 0 ? choiceText(CHOICES.policy, value) : String(value)}]`),
  status: pointed<{ readonly value: number }>(({ value }) => statusText(value)),
  timespec: pointed<{ readonly tv_sec: number; readonly tv_nsec: number }>(({ tv_sec, tv_nsec }) => `{tv_sec=${tv_sec}, tv_nsec=${tv_nsec}}`),
  shmds: pointed<Readonly<Record<string, number>>>(segmentText),
  device: pointed<{ readonly name?: string }>(({ name }) => JSON.stringify(`/dev/${name ?? ''}`)),
  swapflags: value => (typeof value === 'number' && value >= 0 ? `SWAP_FLAG_PREFER|0x${value.toString(16)}` : '0'),
  sigaction: pointed(handlerText),
  rlimit: pointed<{ readonly rlim_cur: number; readonly rlim_max: number }>(({ rlim_cur, rlim_max }) => `{rlim_cur=${limitText(rlim_cur)}, rlim_max=${limitText(rlim_max)}}`),
  shmflags: value => (typeof value === 'number' ? [...((value & ~0o777) === 0 ? [] : [flagsText(FLAGS.shmgetflags, value & ~0o777)]), modeText(value & 0o777)].join('|') : numberText(value)),
  openflags: value => (typeof value === 'number' ? [choiceText(CHOICES.access, value & 3), ...((value & ~3) === 0 ? [] : [flagsText(FLAGS.openflags, value & ~3)])].join('|') : numberText(value)),
  cloneflags: value => (typeof value === 'number' ? [...((value & ~CSIGNAL) === 0 ? [] : [flagsText(FLAGS.cloneflags, value & ~CSIGNAL)]), ...((value & CSIGNAL) === 0 ? [] : [signalText(value & CSIGNAL)])].join('|') || '0' : numberText(value)),
  prot: flags(FLAGS.prot), mmapflags: flags(FLAGS.mmapflags), mlockall: flags(FLAGS.mlockall), msync: flags(FLAGS.msync), mbindflags: flags(FLAGS.mbindflags),
  policyflags: flags(FLAGS.policyflags), waitoptions: flags(FLAGS.waitoptions), shmatflags: flags(FLAGS.shmatflags),
  policy: choice(CHOICES.policy), whence: choice(CHOICES.whence), shmcmd: choice(CHOICES.shmcmd), advice: choice(CHOICES.advice), which: choice(CHOICES.which), resource: choice(CHOICES.resource),
};

function paramsOf(name: string, args: Args): readonly Param[] {
  return SIGNATURES.get(name)?.params ?? args.map((_, at): Param => ({ type: typeof args[at] === 'number' ? 'number' : 'text', isOut: false, at }));
}

/** Whether the kernel has written what an argument points to: when the call failed, only the pointer is printed. */
function paramText(param: Param, args: Args, failed: boolean): string {
  const value = param.at < 0 ? undefined : args[param.at];
  if (param.isOut && failed && typeof value === 'object' && value !== null) return OUT_POINTER;
  return SHOW[param.type](value, args, param);
}
/** A place in user memory: it has no address in the model. */
const OUT_POINTER = '0x60000fffffffb000';

/** The call as it is printed before it returns: `wait4(-1, `, or all of it but the closing bracket when nothing is written by the kernel. */
export function entryText(name: string, args: Args): string {
  const params = paramsOf(name, args);
  const firstOut = params.findIndex(({ isOut }) => isOut);
  const shown = firstOut < 0 ? params : params.slice(0, firstOut);
  return `${name}(${shown.map(param => paramText(param, args, false)).join(', ')}${firstOut > 0 ? ', ' : ''}`;
}

/** The rest of the arguments, as the call has left them, and the bracket. */
export function exitText(name: string, args: Args, result: number): string {
  const params = paramsOf(name, args);
  const firstOut = params.findIndex(({ isOut }) => isOut);
  const shown = firstOut < 0 ? [] : params.slice(firstOut);
  const failed = result < 0 || (name === 'wait4' && result === 0);
  return `${shown.map(param => paramText(param, args, failed)).join(', ')})`;
}

/** `= 512`, `= -1 EPERM (Operation not permitted)`, `= 0x2000000000000000`. */
export function resultText(name: string, result: number): string {
  if (result < 0 && result > -4096) return `= -1 ${errnoName(result).slice(1)} (${strerror(-result)})`;
  return `= ${SIGNATURES.get(name)?.returnsAddress === true ? addressText(result) : result}`;
}

/** A whole line, with the `=` in strace's column. */
export const lineText = (call: string, result: string): string => `${call.padEnd(39)} ${result}`;
