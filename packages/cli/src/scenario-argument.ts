/** A scenario as a person names it: the id of a behaviour of the catalogue, or a file. */
import type { Behaviour } from '@pmkit/series/catalogue';
import { CommandError, EXIT_MISUSE } from './errors.js';
import type { Io } from './io.js';
import { readTextFile } from './text-file.js';

export interface NamedScenario { readonly name: string; readonly scenario: Behaviour['scenario'] }

/** @throws CommandError (misuse) naming file, line, field and what was expected. */
export async function findScenario(io: Io, word: string): Promise<NamedScenario> {
  const { findBehaviour } = await import('@pmkit/series/catalogue');
  const behaviour = findBehaviour(word);
  if (behaviour !== undefined) return { name: word, scenario: behaviour.scenario };
  return readScenario(io, word);
}

/** A scenario file. @throws CommandError (misuse) */
export async function readScenario(io: Io, path: string): Promise<NamedScenario> {
  const { playScenario, ScenarioError } = await import('@pmkit/series/scenario');
  const { MAX_SCENARIO_BYTES, parseScenario } = await import('@pmkit/series/scenario/file');
  const text = readTextFile(io, path, MAX_SCENARIO_BYTES, 'no such file, and no behaviour of the catalogue has this id');
  try {
    const play = playScenario(parseScenario(text, path));
    return { name: path, scenario: lab => orMisuse(path, () => play(lab)) };
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    throw new CommandError(EXIT_MISUSE, error.message, { cause: error });
  }

  /** What is only found while it is played: a name that nothing has. */
  function orMisuse<T>(name: string, action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      throw new CommandError(EXIT_MISUSE, `${name}: ${error.message}`, { cause: error });
    }
  }
}
