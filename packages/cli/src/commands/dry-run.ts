/** pmkit dry-run: what migrate_pages() would do with a real process, level by level. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { DryRun, ImportedProcess, Topology } from '@pmkit/machine';
import type { Context } from '../context.js';
import { CommandError, EXIT_FAILED, EXIT_MISUSE } from '../errors.js';
import type { DryRunJson } from '../import/schema.js';
import { checkLevel, findMachine, findProcess, levelNumber, MACHINE_HELP, orMisuse, PROCESS_HELP } from '../import/source.js';
import { progressOn } from '../progress.js';

const MAX_NODES = 256;

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('dry-run')
    .description(
      'Build a real process on a simulated machine, stop it, move it with migrate_pages(), and tell vma by vma what moves and what stays, and why. ' +
        'Every level has a machine of its own. What happens is held against what the rules of the patches say.',
    )
    .argument('<process>', PROCESS_HELP)
    .requiredOption('--from <nodes>', 'old nodes, as numactl takes them: 0-3,5, all, !0')
    .requiredOption('--to <nodes>', 'new nodes: as many as old ones, or one for all of them')
    .option('--at <level>', 'only at this level; default: at all', levelNumber)
    .option('--machine <machine>', `the machine: ${MACHINE_HELP}`)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit code 1 if something happened that the rules do not say, 2 for misuse.')
    .action(async (word, options) => {
      const { io } = context;
      const { TOP_LEVEL } = await import('@pmkit/series/levels');
      checkLevel('dry-run', options.at ?? 0, TOP_LEVEL);
      const { dryRun, machineFor } = await import('@pmkit/machine');
      const process = await findProcess(io, 'dry-run', word);
      const machine = await findMachine('dry-run', options.machine);
      const move = await moveOf(process, machine, options.from, options.to);
      const levels = options.at === undefined ? [...Array(TOP_LEVEL + 1).keys()] : [options.at];
      const progress = progressOn(io);
      const runs: DryRun[] = [];
      for (const level of levels) {
        progress.show(`level ${level}`, level, TOP_LEVEL);
        runs.push(await orMisuse('dry-run', () => dryRun(process, level, machineFor(process, machine, [...move.from, ...move.to]), move)));
      }
      progress.clear();
      if (options.json === true) {
        const { comm, pid, notes } = process;
        const json: DryRunJson = { schema: 'pmkit-dry-run/1', process: { comm, pid, notes }, ...move, levels: runs };
        io.stdout(`${JSON.stringify(json, null, 2)}\n`);
      } else {
        const { formatDryRun } = await import('../import/text.js');
        io.stdout(formatDryRun(runs));
        for (const note of process.notes) io.stderr(`pmkit dry-run: ${note}\n`);
      }
      const wrong = runs.filter(({ mismatch, vmas, differences }) => mismatch !== null || differences.length > 0 || vmas.some((vma) => vma.mismatch !== null));
      if (wrong.length > 0) throw new CommandError(EXIT_FAILED, `pmkit dry-run: at level ${wrong.map(({ level }) => level).join(', ')} not all is as the rules say`);
    });
}

/** The arrays of the call. */
async function moveOf(process: ImportedProcess, machine: Topology | undefined, from: string, to: string): Promise<{ from: number[]; to: number[] }> {
  const old = await nodesOf(process, machine, '--from', from);
  const fresh = await nodesOf(process, machine, '--to', to);
  if (fresh.length === 1) return { from: old, to: old.map(() => fresh[0]!) };
  if (fresh.length === old.length) return { from: old, to: fresh };
  throw new CommandError(EXIT_MISUSE, `pmkit dry-run: --to ${to}: found ${fresh.length} nodes; expected ${old.length}, as --from has, or one`);
}

/** Nodes of the machine; where nothing is known of it, any that a machine can have. */
async function nodesOf(process: ImportedProcess, machine: Topology | undefined, option: string, text: string): Promise<number[]> {
  const { machineFor, parseNodeList } = await import('@pmkit/machine');
  const { nodes, name } = await orMisuse('dry-run', () => machineFor(process, machine));
  const known = machine !== undefined || process.machine !== null;
  const ids = nodes.map(({ id }) => id);
  const allowed = known || !/^[\d,-]+$/.test(text) ? ids : [...Array(MAX_NODES).keys()];
  const list = parseNodeList(text, { what: 'node', allowed, configured: ids.length, size: MAX_NODES });
  if ('numbers' in list && list.numbers.length > 0) return [...list.numbers];
  const found = 'warning' in list && list.warning !== null ? list.warning.trim() : `'${text}'`;
  throw new CommandError(EXIT_MISUSE, `pmkit dry-run: ${option}: ${found}; expected nodes of ${name ?? 'the machine'}: ${ids.join(' ')} (--machine takes another, such as "numa:4 core:1 pu:1")`);
}
