/** Faults as text: `NAME[:PARAMETER…][*TIMES]`. */
import { parseArgument } from '@pmkit/series/scenario';

/** A fault of a race: what goes wrong, and how often at most. */
export interface Fault {
  /** As it was written. */
  readonly text: string;
  readonly name: FaultName;
  readonly parameters: readonly string[];
  readonly times: number;
}

/** What is wrong with the text of a fault. */
export class FaultError extends Error {
  override readonly name = 'FaultError';
}

/** Says what was expected of a parameter, or null when it is good. */
type Check = (parameter: string) => string | null;

const matches = (pattern: RegExp, expected: string): Check => text => (pattern.test(text) ? null : expected);
const NODE = matches(/^\d{1,3}$/, 'the number of a node');
const TASK = matches(/^[A-Za-z_]\w*$/, 'the name of a task');
const COUNT = matches(/^[1-9]\d{0,5}$/, 'a number from 1 on');
const NODES = matches(/^\d{1,3}(?:,\d{1,3})*$/, 'nodes, such as 1 or 0,2');
const SIGNAL = matches(/^(?:SIG[A-Z0-9]+|[1-9]\d?)$/, 'a signal, such as SIGKILL');
const MODE = matches(/^(?:default|preferred|bind|interleave)$/, 'default, preferred, bind or interleave');
const NTH_OR_NODE = matches(/^(?:[1-9]\d{0,5}|node\d{1,3})$/, 'which allocation (3 is the third), or nodeN');
const DEVICE = matches(/^[\w.-]+$/, 'the name of a block device');
const ADDRESS: Check = text => {
  try {
    return parseArgument(text).kind === 'sum' ? null : 'an address';
  } catch {
    return 'an address, such as a + 1P';
  }
};

interface Syntax { readonly synopsis: string; readonly required: readonly Check[]; readonly optional: readonly Check[] }
const syntax = (synopsis: string, required: readonly Check[] = [], optional: readonly Check[] = []): Syntax => ({ synopsis, required, optional });

/** Every fault by name, with its parameters; what each does is in index.ts. */
const FAULTS = {
  'alloc-fail': syntax('alloc-fail[:NTH|:nodeN]', [], [NTH_OR_NODE]),
  'memory-pressure': syntax('memory-pressure[:NODE]', [], [NODE]),
  'node-offline': syntax('node-offline:NODE', [NODE]),
  'no-swap': syntax('no-swap'),
  'swap-read-error': syntax('swap-read-error'),
  'swap-write-error': syntax('swap-write-error'),
  'disk-error': syntax('disk-error[:DEVICE]', [], [DEVICE]),
  'slow-disk': syntax('slow-disk[:MS]', [], [COUNT]),
  'page-locked': syntax('page-locked:TASK:ADDRESS', [TASK, ADDRESS]),
  'page-writeback': syntax('page-writeback:TASK:ADDRESS', [TASK, ADDRESS]),
  'page-held': syntax('page-held:TASK:ADDRESS', [TASK, ADDRESS]),
  kill: syntax('kill:TASK[:SIGNAL]', [TASK], [SIGNAL]),
  exit: syntax('exit:TASK', [TASK]),
  fork: syntax('fork:TASK', [TASK]),
  munmap: syntax('munmap:TASK:ADDRESS[:PAGES]', [TASK, ADDRESS], [COUNT]),
  set_mempolicy: syntax('set_mempolicy:TASK:MODE[:NODES]', [TASK, MODE], [NODES]),
  cpuset: syntax('cpuset:TASK:NODES', [TASK, NODES]),
} as const satisfies Readonly<Record<string, Syntax>>;

export type FaultName = keyof typeof FAULTS;
export const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];

const MAX_TIMES = 100;

/** @throws {FaultError} saying what was expected. */
export function parseFault(text: string): Fault {
  const match = /^([\w-]+)((?::[^:*]*)*?)(?:\s*\*\s*(\d+))?$/.exec(text.trim());
  const name = match?.[1];
  if (name === undefined || !Object.hasOwn(FAULTS, name)) throw new FaultError(`expected one of the faults ${FAULT_NAMES.join(', ')}, found '${text}'`);
  const { synopsis, required, optional } = FAULTS[name as FaultName];
  const parameters = match![2] === '' ? [] : match![2]!.slice(1).split(':').map(parameter => parameter.trim());
  if (parameters.length < required.length || parameters.length > required.length + optional.length) throw new FaultError(`expected ${synopsis}, found '${text}'`);
  [...required, ...optional].slice(0, parameters.length).forEach((check, i) => {
    const expected = check(parameters[i]!);
    if (expected !== null) throw new FaultError(`expected ${synopsis} with ${expected}, found '${parameters[i]!}'`);
  });
  const times = Number(match![3] ?? 1);
  if (times < 1 || times > MAX_TIMES) throw new FaultError(`expected 1 to ${MAX_TIMES} times, found ${times}`);
  return { text: text.trim(), name: name as FaultName, parameters, times };
}
