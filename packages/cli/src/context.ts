/** What every command is built from: the world, the series, and commander with the settings of the whole program. */
import type { Command, CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Behaviour } from '@pmkit/series/catalogue';
import type { PatchEntry, SeriesTable, TouchedFile } from '@pmkit/series/stack';
import type { Io } from './io.js';

/** What the commands ask of the layers below; tests may put their own in its place. */
export interface Services {
  readonly series: SeriesTable;
  /** @throws LinkError when the tree with `applied` does not build. */
  linkLevel(applied: readonly PatchEntry[]): Promise<void>;
  touchedFiles(entry: PatchEntry, below: readonly PatchEntry[]): Promise<readonly TouchedFile[]>;
  /** Default: the catalogue. */
  readonly behaviours?: readonly Behaviour[];
}

export interface Context {
  readonly io: Io;
  /** Loads `@pmkit/series`: only when a command runs, never for help. */
  services(): Promise<Services>;
  /** Runs pmkit with other words and another world, as the program itself would. @returns the exit code. */
  run(argv: readonly string[], io: Io): Promise<number>;
  /** A command that prints, fails and shows help the way the whole program does. */
  newCommand(name: string): Command;
}

/** What a module in commands/ exports. */
export interface CommandModule {
  build(context: Context): CommandUnknownOpts;
}

/** A command as the program knows it without having loaded it. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<CommandModule>;
}
