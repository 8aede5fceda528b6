/** numastat, -n and -m: a file of every node side by side. */
import type { Process } from '../../../process.js';
import { atoi } from '../../../strtoul.js';
import { mustRead, type Options } from './options.js';
import { sortColumn, type PageSizes } from './processes.js';
import { Table } from './table.js';

/** A file of the nodes: what its lines may be called, and the word of a line that says so. */
interface NodeFile { readonly name: string; readonly rows: readonly string[]; readonly word: number; readonly title: string }

const NUMASTAT: NodeFile = {
  name: 'numastat', word: 0, title: 'Per-node numastat info', rows: ['numa_hit', 'numa_miss', 'numa_foreign', 'interleave_hit', 'local_node', 'other_node'],
};
const MEMINFO: NodeFile = {
  name: 'meminfo', word: 2, title: 'Per-node system memory usage', rows: [
    'MemTotal', 'MemFree', 'MemUsed', 'HighTotal', 'HighFree', 'LowTotal', 'LowFree', 'Active', 'Inactive', 'Active(anon)', 'Inactive(anon)', 'Active(file)', 'Inactive(file)', 'Unevictable',
    'Mlocked', 'Dirty', 'Writeback', 'FilePages', 'Mapped', 'AnonPages', 'Shmem', 'KernelStack', 'PageTables', 'NFS_Unstable', 'Bounce', 'WritebackTmp', 'Slab', 'SReclaimable', 'SUnreclaim',
    'AnonHugePages', 'ShmemHugePages', 'ShmemPmdMapped', 'HugePages_Total', 'HugePages_Free', 'HugePages_Surp', 'KReclaimable',
  ],
};

export async function showNumastat(p: Process, options: Options, nodes: readonly number[], sizes: PageSizes): Promise<void> {
  await showFile(p, options, nodes, NUMASTAT, sizes);
}
export async function showSystem(p: Process, options: Options, nodes: readonly number[], sizes: PageSizes): Promise<void> {
  await showFile(p, options, nodes, MEMINFO, sizes);
}

async function showFile(p: Process, options: Options, nodes: readonly number[], file: NodeFile, sizes: PageSizes): Promise<void> {
  const { compatible, compress } = options;
  const headerRows = compatible ? 1 : 2;
  const table = new Table(headerRows, file.rows.length, nodes.length + 1);
  if (!compatible) p.out(`\n${file.title} (in MBs):\n`);
  file.rows.forEach((name, at) => { table.cells[headerRows + at]![0] = compatible ? name : label(name); });
  for (const [at, node] of [...nodes, null].entries()) {
    if (compatible && node === null) break;
    table.cells[0]![1 + at] = node === null ? 'Total' : `${compatible ? 'node' : 'Node '}${node}`;
    if (!compatible) table.cells[1]![1 + at] = { rule: '-' };
    table.columns[1 + at]!.places = compatible || compress ? 0 : 2;
    if (node !== null) await addFile(p, table, file, { node, at: 1 + at, total: nodes.length + 1, sizes: compatible ? null : sizes });
  }
  if (compatible) table.dropLastColumn();
  if (compress) table.columns.forEach((_, at) => { table.fit(at, 4, 16); });
  if (options.sort !== undefined) table.sort(headerRows, headerRows + file.rows.length - 1, sortColumn(options.sort, nodes));
  p.out(table.print(options.screen, options.zeros));
}

/** `numa_hit` is shown as `Numa_Hit`; names of meminfo are as they are. */
const label = (name: string): string => name.replace(/(^|_)([a-z])/g, (_, before: string, letter: string) => before + letter.toUpperCase());

interface Place {
  readonly node: number;
  readonly at: number;
  readonly total: number;
  /** For numbers in MB; null: as they are. */
  readonly sizes: PageSizes | null;
}

async function addFile(p: Process, table: Table, { name, rows, word }: NodeFile, { node, at, total, sizes }: Place): Promise<void> {
  const path = `/sys/devices/system/node/node${node}/${name}`;
  const text = await mustRead(p, path, `cannot open ${path}`);
  for (const line of text.split('\n')) {
    const words = line.split(/[ \t\r:]+/).filter(token => token !== '');
    if (words.length === 0) continue;
    const row = rows.indexOf(words[word]!);
    if (row < 0) {
      p.out(`Token ${words[word]} not in hash table.\n`);
      continue;
    }
    const value = (atoi(words[word + 1] ?? '') * (sizes === null ? 1 : unit(words, sizes))) / (sizes === null ? 1 : 2 ** 20);
    table.cells[table.headerRows + row]![at] = value;
    table.add(table.headerRows + row, total, value);
  }
}

/** Bytes that a number of the file counts: pages, huge pages or kilobytes. */
function unit(words: readonly string[], sizes: PageSizes): number {
  if (words.length < 4) return sizes.page;
  if (words[2]!.startsWith('HugePages')) return sizes.huge;
  return words[4]?.startsWith('kB') === true ? 1024 : 1;
}
