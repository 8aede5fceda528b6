/** pmkit import-process: a real process on a simulated machine. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import path from 'node:path';
import type { Context } from '../context.js';
import { CommandError, EXIT_FAILED } from '../errors.js';
import { checkLevel, findMachine, findProcess, levelNumber, MACHINE_HELP, orMisuse, PROCESS_HELP } from '../import/source.js';
import { replaceFile } from '../replace-file.js';

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('import-process')
    .description(
      'Build a process on a simulated machine with the vmas, permissions, files, policies and pages by node of a real one, and print its numa_maps. ' +
        'What cannot be carried over is said on standard error.',
    )
    .argument('<process>', PROCESS_HELP)
    .option('--machine <machine>', `the machine: ${MACHINE_HELP}. Default: the one the process runs on, where that is known, or one with as many nodes as it uses`)
    .option('--at <level>', 'the level of the series that the machine runs', levelNumber, 0)
    .option('-o, --output <file>', 'write the process as JSON, for pmkit dry-run')
    .addHelpText('after', '\nExit code 1 if pages are not where they were, 2 for misuse. docs/import.md says how to save a copy of a process.')
    .action(async (word, options) => {
      const { io } = context;
      const { bootAt, TOP_LEVEL } = await import('@pmkit/series/levels');
      checkLevel('import-process', options.at, TOP_LEVEL);
      const { buildProcess, importedNumaMaps, machineFor } = await import('@pmkit/machine');
      const process = await findProcess(io, 'import-process', word);
      const machine = await findMachine('import-process', options.machine);
      const { k, built } = await orMisuse('import-process', () => {
        const kernel = bootAt(options.at, machineFor(process, machine));
        return { k: kernel, built: buildProcess(kernel, process) };
      });
      io.stdout(importedNumaMaps(k, built));
      if (options.output !== undefined) {
        replaceFile(path.resolve(io.cwd, options.output), `${JSON.stringify({ ...process, machine: machine ?? process.machine }, null, 1)}\n`);
      }
      for (const note of process.notes) io.stderr(`pmkit import-process: ${note}\n`);
      if (built.differences.length > 0) throw new CommandError(EXIT_FAILED, built.differences.map((text) => `pmkit import-process: ${text}`).join('\n'));
    });
}
