/** numastat -p: how much memory processes have on which node, by numa_maps. */
import { readNames, readText } from '../libnuma/host.js';
import { strerror, type Process } from '../../../process.js';
import { atoi } from '../../../strtoul.js';
import { Exit } from '../exit.js';
import type { Options } from './options.js';
import { Table } from './table.js';

/** Words of numa_maps that tell a kind, in the order in which they are looked for, and the name of the row. What has none of them is private. */
const KINDS = [['huge', 'Huge'], ['heap', 'Heap'], ['stack', 'Stack']] as const;
const PRIVATE = KINDS.length;

async function commandName(p: Process, pid: number): Promise<string | null> {
  const status = await readText(p, `/proc/${pid}/status`);
  return typeof status === 'number' ? null : /^Name:\s*(.*)$/m.exec(status)?.[1] ?? null;
}

/** Adds all processes but this one whose name and command line contain the text. */
export async function addMatching(p: Process, pattern: string, pids: Set<number>): Promise<void> {
  let found = 0;
  const names = await readNames(p, '/proc');
  for (const name of typeof names === 'number' ? [] : names) {
    if (!/^\d/.test(name)) continue;
    const pid = atoi(name);
    const cmdline = await readText(p, `/proc/${name}/cmdline`);
    const text = `${(await commandName(p, pid)) ?? ''}${typeof cmdline === 'number' ? '' : ` ${cmdline.replaceAll('\0', ' ')}`}`;
    if (!text.includes(pattern) || pid === p.pid) continue;
    pids.add(pid);
    found++;
  }
  if (found === 0) p.out(`Found no processes containing pattern: "${pattern}"\n`);
}

/** Bytes of a page and of a huge page; the last is 0 where there are none. */
export interface PageSizes { readonly page: number; readonly huge: number }

export async function showProcesses(p: Process, options: Options, nodes: readonly number[], sizes: PageSizes): Promise<void> {
  const { pids } = options;
  const single = options.verbose || pids.length === 1;
  const dataRows = single ? KINDS.length + 1 : pids.length;
  const table = newTable(options, nodes, dataRows, single);
  if (!single) p.out('\nPer-node process memory usage (in MBs)\n');
  table.zero();
  for (const [at, pid] of pids.entries()) {
    const label = `${pid} (${(await commandName(p, pid)) ?? '(null)'})`;
    if (single) {
      p.out(`\nPer-node process memory usage (in MBs) for PID ${label}\n`);
      table.zero();
    } else table.cells[2 + at]![0] = label.slice(0, 63);
    const maps = await readText(p, `/proc/${pid}/numa_maps`);
    if (typeof maps === 'number') {
      // The original goes on to the next process: a table of all is not printed when the last cannot be read.
      p.err(`Can't read /proc/${pid}/numa_maps: ${strerror(-maps)}\n`);
      continue;
    }
    addMaps(p, table, maps, { nodes, sizes, row: single ? null : 2 + at });
    if (single || at + 1 === pids.length) p.out(finish(table, options, nodes, dataRows));
  }
}

function newTable({ compress }: Options, nodes: readonly number[], dataRows: number, single: boolean): Table {
  const table = new Table(2, dataRows + 2, nodes.length + 1);
  table.cells[2 + dataRows + 1]![0] = 'Total';
  if (single) [...KINDS.map(([, label]) => label), 'Private'].forEach((label, at) => { table.cells[2 + at]![0] = label; });
  else {
    table.cells[0]![0] = 'PID';
    table.cells[1]![0] = { rule: '-' };
  }
  [...nodes.map(node => `Node ${node}`), 'Total'].forEach((label, at) => {
    table.cells[0]![1 + at] = label;
    table.cells[1]![1 + at] = { rule: '-' };
    table.columns[1 + at]!.places = compress ? 0 : 2;
  });
  return table;
}

interface Where {
  readonly nodes: readonly number[];
  readonly sizes: PageSizes;
  /** Row of the process; null: a row for every kind. */
  readonly row: number | null;
}

/** Adds up the N<node>=<pages> of a process. */
function addMaps(p: Process, table: Table, maps: string, { nodes, sizes, row }: Where): void {
  const total = table.cells.length - 1;
  const columnOf = new Map(nodes.map((node, at) => [node, 1 + at]));
  for (const line of maps.split('\n')) {
    let kind: number = PRIVATE;
    for (const word of line.split(/[ \t\r]+/)) {
      if (kind === PRIVATE) kind = kindOf(word);
      if (!word.startsWith('N')) continue;
      const [, node, pages] = /^N(\d+)=(\d+)/.exec(word) ?? [];
      if (node === undefined) {
        p.err('node value parse error: Success\n');
        throw new Exit(1);
      }
      const megabytes = (Number(pages) * (kind === 0 ? sizes.huge : sizes.page)) / 2 ** 20;
      for (const at of [row ?? 2 + kind, total]) {
        table.add(at, columnOf.get(Number(node))!, megabytes);
        table.add(at, nodes.length + 1, megabytes);
      }
    }
  }
}

function kindOf(word: string): number {
  const at = KINDS.findIndex(([prefix]) => word.startsWith(prefix));
  return at < 0 ? PRIVATE : at;
}

function finish(table: Table, options: Options, nodes: readonly number[], dataRows: number): string {
  if (options.compress) table.columns.forEach((_, at) => { table.fit(at, 4, 16); });
  else table.fit(0, 16, 24);
  const rule = 2 + dataRows;
  table.alwaysShow = rule;
  table.cells[rule]!.fill({ rule: '-' });
  if (options.sort !== undefined) table.sort(2, 2 + dataRows - 1, sortColumn(options.sort, nodes));
  return table.print(options.screen, options.zeros);
}

/** The column of a node, or that of the total. */
export function sortColumn(sort: number | null, nodes: readonly number[]): number {
  const at = sort === null ? -1 : nodes.indexOf(sort);
  return at < 0 ? nodes.length + 1 : 1 + at;
}
