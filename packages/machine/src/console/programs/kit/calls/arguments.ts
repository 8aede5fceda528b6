/** Arguments of a system call made by hand: from the text of the scenarios' grammar to what the simulated call takes. */
import { BAD_POINTER } from '@pmkit/mm-core';
import { MAX_NUMNODES, nodemask_of } from '@pmkit/mm-core/include/linux/nodemask';
import type { Argument } from '@pmkit/series/scenario';
import type { Process } from '../../../process.js';
import { SIGNATURES, type Param, type ParamType } from './signatures.js';

/** An argument that cannot be that of the call. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError';
}

/** What names in arguments stand for: results of earlier calls. */
export type Results = ReadonlyMap<string, number>;

const MAX = 2 ** 64;

function numberOf(argument: Argument, p: Process, results: Results): number {
  if (argument.kind === 'pointer' && argument.to === 'null') return 0;
  if (argument.kind !== 'sum') throw new ArgumentError('expected a number');
  let total = argument.pages * p.box.k.m.PAGE_SIZE + argument.bytes;
  for (const name of argument.names) {
    const value = name === 'self' ? p.pid : results.get(name);
    if (value === undefined) throw new ArgumentError(`nothing is called '${name}'`);
    total += value;
  }
  if (!(Math.abs(total) < MAX)) throw new ArgumentError('expected a number of 64 bits');
  return total;
}

/** A pointer: to what `make` makes of the argument, NULL, or one that faults, as which any other number counts. */
function pointerOf<T>(argument: Argument, p: Process, results: Results, make: (argument: Argument) => T | undefined): T | null | typeof BAD_POINTER {
  if (argument.kind === 'pointer' && argument.to === 'null') return null;
  if (argument.kind === 'pointer' && argument.to === 'bad') return BAD_POINTER;
  if (argument.kind === 'sum') return numberOf(argument, p, results) === 0 ? null : BAD_POINTER;
  const made = make(argument);
  if (made === undefined) throw new ArgumentError('expected another kind of pointer');
  return made;
}

const words = (argument: Argument): number[] | undefined => {
  if (argument.kind !== 'array') return undefined;
  if (argument.values.some(value => value >= 2 ** 32)) throw new ArgumentError('expected words of 32 bits');
  return [...argument.values];
};
const isInt = (argument: Argument): boolean => argument.kind === 'pointer' && argument.to === 'int';

function nodeMask(argument: Argument): Uint32Array | undefined {
  if (argument.kind !== 'mask') return isInt(argument) ? new Uint32Array(MAX_NUMNODES / 32) : arrayOf(argument);
  const high = argument.nodes.find(node => node >= MAX_NUMNODES);
  if (high !== undefined) throw new ArgumentError(`expected nodes below ${MAX_NUMNODES}, found ${high}`);
  return nodemask_of(...argument.nodes);
}
const arrayOf = (argument: Argument): Uint32Array | undefined => {
  const values = words(argument);
  return values === undefined ? undefined : Uint32Array.from(values);
};

/** Types that are pointers, and what they can point to. `int` is a place for whatever the call writes there. */
const POINTED: Partial<Readonly<Record<ParamType, (argument: Argument) => unknown>>> = {
  mask: nodeMask, nodes: arrayOf, tokens: argument => (isInt(argument) ? new Uint32Array(1) : arrayOf(argument)),
  policyvalue: argument => (isInt(argument) ? { value: 0 } : undefined), status: argument => (isInt(argument) ? { value: 0 } : undefined),
  cpumask: argument => (isInt(argument) ? new Uint32Array(64) : arrayOf(argument)), gids: argument => (isInt(argument) ? [] : words(argument)),
  text: argument => (isInt(argument) ? { value: '' } : undefined), string: argument => (argument.kind === 'path' ? argument.path : undefined),
  timespec: argument => pair(argument, 'tv_sec', 'tv_nsec'), sigaction: argument => pair(argument, 'sa_handler', 'sa_flags'), rlimit: argument => pair(argument, 'rlim_cur', 'rlim_max'),
  shmds: argument => (isInt(argument) ? { uid: 0, gid: 0, mode: 0 } : undefined),
};
/** Calls whose simulated form takes no NULL there: it faults. */
const NULL_FAULTS: ReadonlySet<ParamType> = new Set(['timespec', 'rlimit', 'string']);
/** Left out where the real one is NULL. */
const NULL_IS_ABSENT: ReadonlySet<ParamType> = new Set(['tokens', 'shmds']);

function pair(argument: Argument, first: string, second: string): object | undefined {
  if (isInt(argument)) return { [first]: 0, [second]: 0 };
  if (argument.kind !== 'array' || argument.values.length > 2) return undefined;
  return { [first]: argument.values[0] ?? 0, [second]: argument.values[1] ?? 0 };
}

const NULL: Argument = { kind: 'pointer', to: 'null' };

function valueOf(argument: Argument, { type }: Param, p: Process, results: Results): unknown {
  if (type === 'path' || type === 'device') {
    if (argument.kind !== 'path') throw new ArgumentError('expected a path');
    if (type === 'path') return p.canonical(argument.path);
    const device = p.box.k.m.bdevs.get(argument.path.replace(/^\/dev\//, ''));
    if (device === undefined) throw new ArgumentError(`expected a disk, found ${argument.path}`);
    return device;
  }
  if (type === 'cpus') {
    const cpus = words(argument);
    if (cpus === undefined) throw new ArgumentError('expected CPUs such as {0,1}');
    return cpus;
  }
  const make = POINTED[type];
  if (make === undefined) return numberOf(argument, p, results);
  const pointer = pointerOf(argument, p, results, make);
  if (pointer !== null) return pointer;
  return NULL_FAULTS.has(type) ? BAD_POINTER : NULL_IS_ABSENT.has(type) ? undefined : null;
}

/**
 * The simulated call's arguments. Those that are left out at the end are 0 or NULL.
 * @throws {ArgumentError} naming the argument by its place in the real call.
 */
export function valuesOf(name: string, given: readonly Argument[], p: Process, results: Results): unknown[] {
  const signature = SIGNATURES.get(name);
  if (signature === undefined) {
    if (given.length > 6) throw new ArgumentError(`${name}() takes 6 arguments at most, found ${given.length}`);
    return given.map(argument => (argument.kind === 'sum' ? numberOf(argument, p, results) : null));
  }
  if (name === 'swapon') throw new ArgumentError('swapon() here is told how large the area is, which swapon(8) finds out');
  const { params, count } = signature;
  if (given.length > params.length) throw new ArgumentError(`${name}() takes ${params.length} arguments, found ${given.length}`);
  const values: unknown[] = Array<unknown>(count).fill(undefined);
  params.forEach((param, place) => {
    if (param.at < 0) return;
    try {
      values[param.at] = valueOf(given[place] ?? NULL, param, p, results);
    } catch (error) {
      if (!(error instanceof ArgumentError)) throw error;
      throw new ArgumentError(`argument ${place + 1} of ${name}(): ${error.message}`);
    }
  });
  return values;
}
