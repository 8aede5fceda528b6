/** pmkit explorer: the page in the browser, at the level of the working directory. */
import path from 'node:path';
import { InvalidArgumentError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import type { PageState } from '@pmkit/explorer';
import { findTree } from '../console.js';
import type { Context } from '../context.js';
import { CommandError, EXIT_FAILED } from '../errors.js';
import type { Io } from '../io.js';
import { AT_OPTION } from '../stack-options.js';
import { reason } from '../store.js';
import { readTextFile } from '../text-file.js';
import { TREE_HELP, treeWord } from '../tree-argument.js';

/** The script goes into an address. */
const MAX_SCRIPT_BYTES = 512 * 1024;

function port(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) throw new InvalidArgumentError('Expected a port, 0 to 65535.');
  return Number(text);
}

function position(text: string): { step: number; event: number } {
  const [, step, event] = /^(\d{1,9})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  if (step === undefined) throw new InvalidArgumentError('Expected a step, or a step and an event of the next one, such as 12 or 12.3.');
  return { step: Number(step), event: Number(event ?? 0) };
}

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('explorer')
    .description(
      'Serve the page in which one pushes the patches and watches the pages move, on loopback and for this computer only, and open it in the browser at the level of the working directory. ' +
        'The kernel runs in the page. Ends with Ctrl-C.',
    )
    .argument('[script]', 'what runs there: a bash script, or a scenario file (.yaml). Default: the overview in small')
    .option(AT_OPTION, `${TREE_HELP}. Default: PMKIT_TREE or PMKIT_LEVEL, if set; the stack of the working directory, if there is one; else all patches`)
    .option('--machine <machine>', 'altix2, altix8, altix64, pmkit (16 nodes of 128 MB), or NODESxPAGES. Default: the one that a scenario describes; pmkit for bash')
    .option('--step <position>', 'where the run stands: so many steps done, and so many events of the next', position)
    .option('--port <port>', 'Default: one that is free', port)
    .option('--no-open', 'print the address, and leave the browser alone')
    .action(async (script, { at, machine, step, port: wanted, open }) => {
      const { io } = context;
      const { encodeState, serveSite } = await import('@pmkit/explorer');
      const state: PageState = {
        tree: treeWord(await findTree(context, at)),
        ...(machine === undefined ? {} : { machine: machineOf(machine) }),
        ...(script === undefined ? {} : { script: scriptOf(io, script) }),
        ...(step === undefined ? {} : { position: step }),
      };
      const server = await serveSite(wanted ?? 0).catch((error: unknown) => {
        throw new CommandError(EXIT_FAILED, `pmkit explorer: cannot serve the page: ${reason(error)}`, { cause: error });
      });
      const url = `${server.url}#${encodeState(state)}`;
      io.stdout(`${url}\n`);
      if (open && io.isTTY) await io.openUrl?.(url);
      await server.closed;
    });
}

function machineOf(word: string): PageState['machine'] & object {
  const [, nodes, pagesPerNode] = /^(\d{1,4})x(\d{1,9})$/.exec(word) ?? [];
  return nodes === undefined ? { kind: 'preset', name: word } : { kind: 'uniform', nodes: Number(nodes), pagesPerNode: Number(pagesPerNode) };
}

/** A bash script is written to a file of the machine first, line by line, and called there. */
function scriptOf(io: Io, file: string): PageState['script'] & object {
  const text = readTextFile(io, file, MAX_SCRIPT_BYTES);
  const name = path.basename(file).replaceAll(/[^\w.-]/g, '_');
  if (/\.ya?ml$/.test(file)) return { kind: 'scenario', text, name };
  return { kind: 'console', name, lines: [`cat > ${name} <<'END_OF_SCRIPT'`, ...text.replace(/\n$/, '').split('\n'), 'END_OF_SCRIPT', `bash ${name}`] };
}
