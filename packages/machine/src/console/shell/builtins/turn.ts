/** Rounds of loops: see ../rewrite.ts. */
import { setImmediate as hostTurn } from 'node:timers/promises';
import type { Command } from 'just-bash';
import { isGone } from '../../killed.js';
import type { Shell } from '../shell.js';
import { builtin, ended } from './builtin.js';

/** Rounds of a shell's loops that take a millisecond: modelled, about as many as it does here. */
const ROUNDS_IN_A_MS = 4;

interface Rounds { count: number; /** `$?` before the round that has just begun. */ status: number }
const all = new WeakMap<Shell, Rounds>();

/**
 * A round of a loop begins. @param status `$?`
 * @returns whether it may go straight on: `$?` is 0 and there is nothing that __pmkit_turn would have to do. To ask this takes a tenth of what a command takes.
 */
export function goesStraightOn(shell: Shell, status: number): boolean {
  const rounds = all.get(shell) ?? { count: 0, status: 0 };
  all.set(shell, rounds);
  rounds.count++;
  rounds.status = status;
  const { task } = shell.process;
  return status === 0 && rounds.count % ROUNDS_IN_A_MS !== 0 && task.caught.size === 0 && !isGone(task);
}

/**
 * A round takes time in which others run, so that a shell can wait for something by looking again and again; and the host may say that enough is
 * enough, which it cannot while promises follow each other.
 */
export const turnBuiltins = (shell: Shell): Command[] => [
  builtin(shell, '__pmkit_turn', async () => {
    const { count, status } = all.get(shell)!;
    if (count % ROUNDS_IN_A_MS === 0) {
      await hostTurn();
      await shell.box.scheduler.pause(shell.process, 1);
    }
    return ended(status);
  }),
];
