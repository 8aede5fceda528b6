/** What comes of an operation, in the words of the recordings. */
import { NO_RESULT } from '@pmkit/mm-core';
import { errnoName } from '@pmkit/mm-core/model/errno-name';
import type { Fields, Recording, StepRecord } from './recording.js';

/** What came of an operation here, in the recordings' words. */
export interface Performed {
  readonly fields: Map<string, string | number>;
  /** pgmigrate_success: pages that rc3's calls counted; oom_kill. */
  readonly vm: Map<string, number>;
  /** What each system call returned, in order: names of errnos or numbers. */
  readonly calls: readonly string[];
  /** Who could not do it, being dead here. */
  readonly dead?: string;
}
/** What an operation may look at besides the machine. */
export interface Situation { readonly recording: Recording; readonly index: number; readonly step: StepRecord }

/** `ret` and `err` of a system call's result. */
export function resultFields(result: number): Map<string, string | number> {
  if (result === NO_RESULT) return new Map<string, string | number>([['ret', -1], ['err', 'ECHILD']]);
  return result >= 0 ? new Map([['ret', result]]) : new Map<string, string | number>([['ret', -1], ['err', errnoName(result).slice(1)]]);
}
export const performed = (fields: Fields, calls: readonly string[] = [], vm: ReadonlyMap<string, number> = new Map()): Performed =>
  ({ fields: new Map(fields), vm: new Map(vm), calls });
export const ofResult = (result: number): Performed => performed(resultFields(result), [errnoName(result)]);
