/** The program: finds the command, loads it, runs it, and makes an exit code of whatever happens. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from '@commander-js/extra-typings';
import type { CommandEntry, Context, Services } from './context.js';
import { CommandError, EXIT_INTERNAL, EXIT_MISUSE } from './errors.js';
import type { Io } from './io.js';
import { commands } from './registry.js';

export interface RunOptions {
  /** Default: `@pmkit/series`. */
  readonly services?: Services;
  /** Default: the registry. */
  readonly commands?: readonly CommandEntry[];
}

/** Runs `pmkit` with `argv` (without program and script). Never throws, never exits: answers the exit code. */
export async function run(argv: readonly string[], io: Io, options: RunOptions = {}): Promise<number> {
  const words = argv.slice(0, endOfOurs(argv));
  const debug = words.includes('--debug');
  const rest = [...words.filter((word) => word !== '--debug'), ...argv.slice(words.length)];
  try {
    const program = await buildProgram(rest, io, options);
    if (rest.length === 0) {
      io.stderr(program.helpInformation());
      return EXIT_MISUSE;
    }
    await program.parseAsync(rest, { from: 'user' });
    return 0;
  } catch (error) {
    return report(error, io, debug);
  }
}

/** Where words begin that are not ours: behind `--`, and behind `bisect run`, where another program and its options follow. */
function endOfOurs(argv: readonly string[]): number {
  const dashes = argv.indexOf('--');
  const at = argv.findIndex((word) => !word.startsWith('-'));
  const ends = [argv.length, ...(dashes < 0 ? [] : [dashes]), ...(argv[at] === 'bisect' && argv[at + 1] === 'run' ? [at + 2] : [])];
  return Math.min(...ends);
}

export function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string };
  return manifest.version;
}

async function buildProgram(argv: readonly string[], io: Io, options: RunOptions): Promise<Command> {
  const program = new Command('pmkit')
    .description(DESCRIPTION)
    .version(version(), '-V, --version', 'print the version')
    .option('--debug', 'show a stack trace with every error')
    // Options behind a command are the command's: those of bisect run belong to the program it runs.
    .enablePositionalOptions()
    .helpOption('-h, --help', 'show help, also after a command')
    .helpCommand('help [command]', 'show help for a command')
    .showHelpAfterError('(pmkit --help shows what there is)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout(text),
      writeErr: (text) => io.stderr(text),
      getOutHelpWidth: () => io.columns ?? 80,
      getErrHelpWidth: () => io.columns ?? 80,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText('after', EXAMPLES);
  const context: Context = {
    io,
    run: (words, other) => run(words, other, options),
    services: async () => options.services ?? (await defaultServices()),
    newCommand: (name) => new Command(name).copyInheritedSettings(program).showHelpAfterError(`(pmkit ${name} --help shows how)`),
  };
  const [called, ofHelp] = argv.filter((word) => !word.startsWith('-'));
  const wanted = called === 'help' ? ofHelp : called;
  for (const entry of options.commands ?? commands) {
    if (entry.name === wanted) program.addCommand((await entry.load()).build(context));
    else program.command(entry.name).description(entry.summary);
  }
  return program;
}

async function defaultServices(): Promise<Services> {
  const { linkLevel, migrationSeries, touchedFiles } = await import('@pmkit/series/stack');
  return { series: migrationSeries, linkLevel, touchedFiles };
}

/** Says what went wrong; a trace only where it was asked for. */
function report(error: unknown, io: Io, debug: boolean): number {
  // commander has printed its sentence, or the help that was asked for, before it throws.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_MISUSE;
  const trace = debug && error instanceof Error ? `${error.stack ?? ''}\n` : '';
  if (error instanceof CommandError) {
    if (error.message !== '') io.stderr(`${error.message}\n`);
    io.stderr(trace);
    return error.exitCode;
  }
  const message = error instanceof Error ? error.message : String(error);
  io.stderr(`pmkit: internal error: ${message}\n${trace === '' ? 'Run it again with --debug to see where.\n' : trace}`);
  return EXIT_INTERNAL;
}

// Each paragraph in one line: commander breaks them to the width of the terminal.
const DESCRIPTION = [
  "Stand at any point of Ray Bryant's manual page migration series (-rc3, June 2005).",
  '',
  'The ten patches of the series are packages; the kernel they change, 2.6.12-rc5-mhp1, is simulated. ' +
    "Pushing a patch replaces and adds kernel functions and links the kernel again. The commands about the stack are quilt's.",
].join('\n');

const EXAMPLES = `
Examples:
  $ pmkit series -v         which patches there are, and where the stack stands
  $ pmkit push              apply the next patch
  $ pmkit push -a           apply all patches
  $ pmkit goto 3            push or pop until patch 3 is on top
  $ pmkit pop -a            back to the unpatched kernel
  $ pmkit next --at 2       ask about level 2 and leave the stack alone
  $ pmkit matrix mlock      what is seen of it at every level
  $ pmkit show 5            what patch 5 is for, changes and breaks

A patch may be called by its name with or without .patch, by a beginning of it
that fits no other, by number (3 or p03) or by package (p03-node-map-argument).
For push and pop a bare number is a number of patches, as with quilt.

The stack is kept in .pmkit of the working directory. Exit codes: 0 done; 1 not
possible; 2 misuse, or nothing left to do.`;
