/** A run that was begun, with what belongs to that doing of it: what its console has printed, and the pictures of its frames. */
import type { Machine } from '@pmkit/mm-core';
import type { ConsoleOutput, RunSetup } from '../protocol.js';
import { machineOf, treeOf } from './choices.js';
import { FrameMaps } from './frames/frame-maps.js';
import { openRun } from './run/open.js';
import type { Run } from './run/run.js';

/** What of a run is wanted beside that the script is run. */
export interface Wants {
  /** Each step is recorded with the state of the machine behind it. */
  readonly states: boolean;
  /** The origins of pages are followed. */
  readonly origins: boolean;
}

export class Take {
  readonly screen: ConsoleOutput[] = [];
  readonly #wants: Wants;
  #run: Run | null = null;
  #maps: FrameMaps | null = null;
  #mapped: Machine | null = null;
  /** Told of what is printed from now on. */
  printed: ((output: ConsoleOutput) => void) | null = null;

  private constructor(wants: Wants) {
    this.#wants = wants;
  }

  /** @throws {Misuse} for a setup that cannot be; {LinkError} when the tree does not build. */
  static async begin({ machine, tree, script, moves = [], swap }: RunSetup, wants: Wants): Promise<Take> {
    const take = new Take(wants);
    take.#run = await openRun({
      script, tree: treeOf(tree), machine: machineOf(machine), swap: swap ?? null, moves, withStates: wants.states,
      output: output => {
        take.screen.push(output);
        take.printed?.(output);
      },
      atBoundary: ({ m }) => { take.#atBoundary(m); },
    });
    return take;
  }

  get run(): Run {
    return this.#run!;
  }

  /** The pictures of the frames as they are now. After a reboot of the machine they are others. */
  get maps(): FrameMaps {
    return this.#mapsOf(this.run.kernel.m);
  }

  dispose(): void {
    this.run.dispose();
  }

  #atBoundary(m: Machine): void {
    if (!this.#wants.origins) return;
    const isNew = this.#mapped !== m;
    const maps = this.#mapsOf(m);
    if (isNew) maps.trackOrigins();
    else maps.sawStep();
  }
  #mapsOf(m: Machine): FrameMaps {
    if (this.#mapped !== m || this.#maps === null) {
      this.#mapped = m;
      this.#maps = new FrameMaps(m);
    }
    return this.#maps;
  }
}
