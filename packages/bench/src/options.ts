/** The arguments of `npm run bench`. */
import { parseArgs } from 'node:util';
import { TOP_LEVEL } from '@pmkit/series/levels';
import { curves } from './curves.js';
import { Misuse } from './errors.js';
import { kernelKinds, type KernelKind } from './kernels.js';
import { figureSubjects } from './subjects/index.js';

export interface Options {
  /** Names of subjects and curves. */
  readonly names: readonly string[];
  readonly kernels: readonly KernelKind[];
  readonly level: number;
  readonly quick: boolean;
  readonly json: boolean;
  readonly list: boolean;
  readonly record: boolean;
  readonly page: boolean;
  /** Whether anything is to be measured: the page alone is made of what was recorded. */
  readonly measure: boolean;
  /** Everything there is, as the page shows it. */
  readonly full: boolean;
  /** An operation that takes longer, in seconds, is not measured at a larger size. */
  readonly patience: number;
}

const DEFAULT_PATIENCE = 20;
const MAX_PATIENCE = 36_000;
/** The first level that has migrate_pages(). */
const FIRST_LEVEL = 4;

export const allNames = (): readonly string[] => [...figureSubjects, ...curves].map(({ name }) => name);

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) throw new Misuse(`--${option} ${text}: expected a whole number from ${least} to ${most}`);
  return value;
}

function oneOf<T extends string>(option: string, text: string, known: readonly T[]): readonly T[] {
  return text.split(',').map(name => {
    const found = known.find(candidate => candidate === name);
    if (found === undefined) throw new Misuse(`--${option} ${text}: '${name}' is none of ${known.join(', ')}`);
    return found;
  });
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string' }, scaling: { type: 'boolean' }, kernel: { type: 'string' }, level: { type: 'string' }, quick: { type: 'boolean' }, json: { type: 'boolean' },
        list: { type: 'boolean' }, record: { type: 'boolean' }, page: { type: 'boolean' }, patience: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw error instanceof TypeError ? new Misuse(error.message) : error;
  }
}

/** @throws {Misuse} naming the option and what it may be. */
export function readOptions(args: readonly string[]): Options {
  const values = parse(args);
  const { quick = false, record = false, page = false, list = false, json = false } = values;
  if (values.only !== undefined && values.scaling === true) throw new Misuse('--scaling and --only exclude each other: the curves have names too');
  if (quick && record) throw new Misuse('--quick and --record exclude each other: quick figures say nothing');
  if (page && json) throw new Misuse('--page and --json exclude each other');
  const selected = values.only !== undefined || values.scaling === true;
  const names = values.scaling === true ? curves.map(({ name }) => name) : values.only === undefined ? allNames() : oneOf('only', values.only, allNames());
  const kernels = values.kernel === undefined ? kernelKinds : oneOf('kernel', values.kernel, kernelKinds);
  const level = values.level === undefined ? TOP_LEVEL : wholeNumber('level', values.level, FIRST_LEVEL, TOP_LEVEL);
  return {
    names, kernels, level, quick, json, list, record, page,
    measure: record || selected || quick || !page,
    full: !selected && !quick && values.kernel === undefined && values.level === undefined,
    patience: values.patience === undefined ? DEFAULT_PATIENCE : wholeNumber('patience', values.patience, 1, MAX_PATIENCE),
  };
}
