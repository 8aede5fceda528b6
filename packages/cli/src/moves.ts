/** Push and pop on the stack of a directory: what the library does, with the errors of a command. */
import { nowAt, popPatches, pushPatches, StackError, type MoveOptions, type Mover, type PatchEntry, type Stack } from '@pmkit/series/stack';
import type { Services } from './context.js';
import { CommandError, EXIT_FAILED } from './errors.js';
import type { Io } from './io.js';
import type { Store } from './store.js';

interface Move {
  readonly io: Io;
  readonly services: Services;
  readonly store: Store;
  readonly options: MoveOptions;
}

const moverOf = ({ io, services, store }: Move): Mover => ({
  stdout: (text) => io.stdout(text),
  stderr: (text) => io.stderr(text),
  linkLevel: (applied) => services.linkLevel(applied),
  touchedFiles: (entry, below) => services.touchedFiles(entry, below),
  save: (stack) => { store.save(stack); },
});

/** Pushes the patches of `plan`. @throws CommandError when one does not build, and no later one of the plan does */
export async function push(move: Move, stack: Stack, plan: readonly PatchEntry[]): Promise<Stack> {
  try {
    return await pushPatches(moverOf(move), move.options, stack, plan);
  } catch (error) {
    if (error instanceof StackError) throw new CommandError(EXIT_FAILED, error.message, { cause: error });
    throw error;
  }
}

/** Pops the patches of `plan`. */
export const pop = (move: Move, stack: Stack, plan: readonly PatchEntry[]): Promise<Stack> => popPatches(moverOf(move), move.options, stack, plan);

/** quilt's last line after a push or a pop. */
export function tellTop(io: Io, stack: Stack): void {
  io.stdout(nowAt(stack));
}
