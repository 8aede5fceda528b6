import { program } from '../exit.js';
import { manual } from './manual.js';
import { showNumastat, showSystem } from './node-files.js';
import { findNodes, mustRead, readOptions } from './options.js';
import { showProcesses, type PageSizes } from './processes.js';

export const numastat = program({
  path: '/usr/bin/numastat',
  summary: 'memory of nodes and processes, node by node',
  manual,
  async run(p) {
    const options = await readOptions(p);
    const nodes = await findNodes(p, options);
    const sizes: PageSizes = { page: p.box.k.m.PAGE_SIZE, huge: 0 };
    if (options.compatible) {
      await showNumastat(p, options, nodes, sizes);
      return 0;
    }
    const kilobytes = /^Hugepagesize\D*(\d+)/m.exec(await mustRead(p, '/proc/meminfo', "Can't open /proc/meminfo"))?.[1] ?? '0';
    const all = { ...sizes, huge: Number(kilobytes) * 1024 };
    if (options.pids.length > 0) await showProcesses(p, options, nodes, all);
    if (options.system) await showSystem(p, options, nodes, all);
    if (options.numastat || (options.pids.length === 0 && !options.system)) await showNumastat(p, options, nodes, all);
    return 0;
  },
});
