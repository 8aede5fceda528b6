/** pmkit story: the overview's job, moved at every level of the series. */
import { InvalidArgumentError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Plan, Topology } from '@pmkit/machine';
import type { Context } from '../context.js';
import { CommandError, EXIT_FAILED, EXIT_MISUSE } from '../errors.js';
import type { Io } from '../io.js';
import { progressOn } from '../progress.js';
import { LEVEL_VARIABLE, variable } from '../stack-options.js';

const wholeNumber = (least: number) => (text: string): number => {
  if (!/^\d+$/.test(text) || Number(text) < least) throw new InvalidArgumentError(`Expected a whole number from ${least} on.`);
  return Number(text);
};

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('story')
    .description(
      "Play the overview's sequence of events: a job runs on nodes 5-8, is stopped for a job that cannot wait, is moved by " +
        'migrate_pages() to nodes that became free, and goes on. Once at every level of the series, on a 64-node SGI Altix.',
    )
    .option('--at <level>', 'only at this level: 0 is the kernel before the series. Default: PMKIT_LEVEL, if it is set', wholeNumber(0))
    .option('--topology <path>', 'another machine: a sysfs tree (a directory with sys/devices/system/node), hwloc XML, what numactl --hardware printed, or a description such as "numa:4 core:2 pu:1"')
    .option('--processes <n>', 'processes of the job', wholeNumber(1))
    .option('--pages <n>', 'pages of private memory of each process', wholeNumber(4))
    .option('--no-timing', 'leave out real times: the same bytes every time')
    .action(async (options) => {
      const { altix64, loadTopology, planStory, playStory, TopologyError } = await import('@pmkit/machine');
      const { formatLevel } = await import('../story-report.js');
      const { TOP_LEVEL } = await import('@pmkit/series/levels');
      const { series } = await context.services();
      const misuse = <T>(action: () => T): T => {
        try {
          return action();
        } catch (error) {
          if (error instanceof TopologyError || error instanceof RangeError) throw new CommandError(EXIT_MISUSE, `pmkit story: ${error.message}`, { cause: error });
          throw error;
        }
      };
      const { io } = context;
      const at = options.at ?? misuse(() => levelInEnvironment(io));
      if (at !== undefined && at > TOP_LEVEL) throw new CommandError(EXIT_MISUSE, `pmkit story: --at ${at}: expected a level from 0 to ${TOP_LEVEL}`);
      const { topology: path } = options;
      const topology: Topology = path === undefined ? altix64 : misuse(() => loadTopology(path).topology);
      const plan = misuse(() => planStory(topology, { processes: options.processes, anonymous: options.pages }));
      io.stdout(`${describe(topology, plan)}\n`);
      const levels = at === undefined ? [...Array(TOP_LEVEL + 1).keys()] : [at];
      const progress = progressOn(io);
      let lost = 0;
      for (const level of levels) {
        const observer = {
          progress: (what: string, done: number, total: number) => {
            progress.show(`level ${level}: ${what}`, done, total);
          },
          // eslint-disable-next-line no-restricted-properties -- the reader's time, not the machine's: printed, and never used
          clock: () => performance.now(),
        };
        const result = playStory(level, topology, plan, observer);
        progress.clear();
        const patch = level === 0 ? series.base : series.entries.find((entry) => entry.number === level)?.name;
        io.stdout(`\n${formatLevel(result, `Level ${level}: ${patch ?? ''}`, plan, options.timing)}`);
        lost += result.lost;
      }
      if (lost > 0) throw new CommandError(EXIT_FAILED, `pmkit story: ${lost} pages do not hold what they held before`);
    });
}

/** The level that `pmkit bisect run` asks about. */
function levelInEnvironment(io: Io): number | undefined {
  const level = variable(io, LEVEL_VARIABLE);
  if (level !== undefined && !/^\d+$/.test(level)) throw new RangeError(`${LEVEL_VARIABLE}: expected a number, found '${level}'`);
  return level === undefined ? undefined : Number(level);
}

function describe(topology: Topology, plan: Plan): string {
  const gigabytes = topology.nodes.reduce((sum, node) => sum + node.memory, 0) / 2 ** 30;
  return [
    `${topology.name}: ${topology.nodes.length} nodes, ${topology.cpus.length} CPUs, ${gigabytes.toFixed(0)} GB in pages of ${(topology.pageSize ?? 16384) / 1024} KB.`,
    `A job of ${plan.processes} processes with ${plan.anonymous} pages each and files of ${plan.file} pages runs on nodes ${plan.from.join(', ')},`,
    `is stopped, and moved to nodes ${plan.to.join(', ')}: migrate_pages(pid, ${plan.from.length}, {${plan.from.join(',')}}, {${plan.to.join(',')}})`,
  ].join('\n');
}
