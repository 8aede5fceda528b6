/** The texts in a replay file's race: each must be what race() can read. */
import { CallSyntaxError, parseCall } from '@pmkit/series/scenario';
import { ConditionError, parseCondition } from '../condition.js';
import { FaultError, parseFault } from '../faults/index.js';
import type { WholeRace } from '../race-text.js';

/** A file that is no replay; the message begins with the file and the field. */
export class ReplayError extends Error {
  override readonly name = 'ReplayError';
  constructor(file: string, field: string, message: string, cause?: unknown) {
    super([file, ...(field === '' ? [] : [field]), message].join(': '), { cause });
  }
}

/** @throws {ReplayError} for the first text that is none. */
export function checkTexts({ tasks, before, together, faults, finally: end }: WholeRace, file: string): void {
  const check = (field: string, read: () => void): void => {
    try {
      read();
    } catch (error) {
      if (!(error instanceof CallSyntaxError || error instanceof ConditionError || error instanceof FaultError)) throw error;
      throw new ReplayError(file, field, error.message, error);
    }
  };
  const checkTask = (field: string, task: string): void => {
    if (task !== 'batchd' && !Object.hasOwn(tasks, task)) throw new ReplayError(file, field, `expected batchd or one of the tasks (${Object.keys(tasks).join(', ')}), found '${task}'`);
  };
  before.forEach((text, i) => {
    const [, task, call] = /^(\w+): (.*)$/s.exec(text) ?? [];
    if (task === undefined) throw new ReplayError(file, `race.before.${i}`, "expected 'task: call'");
    checkTask(`race.before.${i}`, task);
    check(`race.before.${i}`, () => parseCall(call!));
  });
  for (const [task, steps] of Object.entries(together)) {
    checkTask(`race.together.${task}`, task);
    steps.forEach((text, i) => { check(`race.together.${task}.${i}`, () => parseCall(text)); });
  }
  faults.forEach((text, i) => { check(`race.faults.${i}`, () => parseFault(text)); });
  if (end !== undefined) check('race.finally', () => parseCondition(end));
}
