/** df, after df.c of GNU coreutils 9.1, over what is mounted. */
import { statFs } from './blocks.js';
import type { Mount } from '../../files/index.js';
import type { Process } from '../../process.js';
import { defineProgram, helpOf, none, optional, parseOptions, required, type Definition, type Parsed } from '../system/define.js';
import { quoteIfNeeded, statOf } from './common.js';
import { human, parseSize } from './sizes.js';

const DF: Definition = {
  path: '/bin/df', summary: 'show the space on file systems', synopsis: ['df [OPTION]... [FILE]...'], description: 'Shows file systems with their space: those that the files are on, or all that have any.',
  options: [
    ['-a, --all', 'those without space too'], ['-B, --block-size SIZE; -k', 'in what sizes are counted'], ['-h, --human-readable; -H, --si', 'sizes with letters, powers of 1024 or 1000'], ['-i, --inodes', 'inodes instead of blocks'],
    ['-P, --portability', "POSIX's form"], ['-T, --print-type', 'the type too'], ['-t, -x, --type, --exclude-type TYPE', 'only, or all but, those of a type'], ['--total', 'a sum'], ['--output[=LIST]', 'source, fstype, size, used, avail, pcent, target, itotal, iused, iavail, ipcent'],
  ],
  notes: ['Modelled: every disk is shown with 36 GB, as no disk of the machine has an end; what is used are blocks that the kernel has allocated. Nothing is kept back for root.'], run,
};
export const df = defineProgram(DF);

const FIELDS = ['source', 'fstype', 'itotal', 'iused', 'iavail', 'ipcent', 'size', 'used', 'avail', 'pcent', 'file', 'target'] as const;
type Field = typeof FIELDS[number];
const LEFT: ReadonlySet<Field> = new Set(['source', 'fstype', 'file', 'target']);

interface Space { readonly total: number; readonly used: number; readonly available: number }
interface Row { readonly source: string; readonly type: string; readonly target: string; readonly file: string; readonly bytes: Space; readonly inodes: Space }

function run(p: Process): number {
  const parsed = parseOptions(p, 'aB:iF:hHklmPTt:vx:', [
    none('all', 'a'), required('block-size', 'B'), none('inodes', 'i'), none('human-readable', 'h'), none('si', 'H'), none('local', 'l'), optional('output', 'output'), none('portability', 'P'), none('print-type', 'T'),
    required('type', 't'), required('exclude-type', 'x'), none('total', 'total'), none('sync'), none('no-sync'),
  ]);
  if (parsed === null) return 1;
  if (parsed.has('help')) {
    p.out(helpOf(DF));
    return 0;
  }
  const scale = scaleOf(parsed);
  if (scale === null) return p.fail(`invalid -B argument '${parsed.value('B')!}'`);
  const fields = fieldsOf(parsed);
  if (typeof fields === 'string') return p.fail(`option --output: field '${fields}' unknown\nTry '${p.name} --help' for more information.`);
  const { rows, exitCode } = rowsOf(p, parsed);
  if (rows.length === 0) return exitCode === 0 ? p.fail('no file systems processed') : exitCode;
  const all = parsed.has('total') ? [...rows, sumOf(rows)] : rows;
  p.out(table(fields, all, scale, parsed));
  return exitCode;
}

/** `unit`: bytes; `base`: of sizes with letters, or null. */
interface Scale { readonly unit: number; readonly base: 1024 | 1000 | null; readonly title: string }
function scaleOf(parsed: Parsed): Scale | null {
  const last = parsed.options.findLast(({ opt }) => ['h', 'H', 'k', 'm', 'B'].includes(opt));
  if (last?.opt === 'h' || last?.opt === 'H') return { unit: 1, base: last.opt === 'h' ? 1024 : 1000, title: 'Size' };
  const unit = last?.opt === 'B' ? parseSize(last.arg!) : last?.opt === 'm' ? 1 << 20 : 1024;
  if (unit === null || unit === 0) return null;
  if (parsed.has('P')) return { unit, base: null, title: `${unit}-blocks` };
  const power = [1 << 30, 1 << 20, 1024].find(size => unit % size === 0);
  const short = power === undefined ? `${unit}B` : `${unit / power}${{ [1 << 30]: 'G', [1 << 20]: 'M', 1024: 'K' }[power]!}`;
  return { unit, base: null, title: `${short}-blocks` };
}

/** A text names a field that there is not. */
function fieldsOf(parsed: Parsed): readonly Field[] | string {
  if (parsed.has('output')) {
    const words = parsed.value('output')?.split(',') ?? [...FIELDS];
    return words.find(word => !(FIELDS as readonly string[]).includes(word)) ?? (words as Field[]);
  }
  const numbers: Field[] = parsed.has('i') ? ['itotal', 'iused', 'iavail', 'ipcent'] : ['size', 'used', 'avail', 'pcent'];
  return ['source', ...(parsed.has('T') ? ['fstype' as const] : []), ...numbers, 'target'];
}

function rowsOf(p: Process, parsed: Parsed): { readonly rows: readonly Row[]; readonly exitCode: number } {
  const { files } = p.box;
  const wanted = parsed.options.filter(({ opt }) => opt === 't').map(({ arg }) => arg!);
  const unwanted = parsed.options.filter(({ opt }) => opt === 'x').map(({ arg }) => arg!);
  const ofType = ({ type }: Mount): boolean => (wanted.length === 0 || wanted.includes(type)) && !unwanted.includes(type);
  if (parsed.operands.length === 0) {
    const mounts = [...files.mounts].filter(mount => files.mounts.at(mount.target) === mount && ofType(mount) && (parsed.has('a') || mount.disk !== null));
    return { rows: mounts.map(mount => rowOf(p, mount, '-')), exitCode: 0 };
  }
  const rows: Row[] = [];
  let exitCode = 0;
  for (const path of parsed.operands) {
    const error = statOf(p, path);
    if (typeof error === 'number') exitCode = p.fail(`${quoteIfNeeded(path)}: ${p.strerror(error)}`);
    else {
      // A device stands for what is mounted from it.
      const place = files.place(p, path);
      const mount = [...files.mounts].find(({ source }) => source === place.path) ?? place.mount;
      if (ofType(mount)) rows.push(rowOf(p, mount, path));
    }
  }
  return { rows, exitCode };
}

function rowOf(p: Process, mount: Mount, file: string): Row {
  const { bsize, blocks, bfree, files, ffree } = statFs(p, mount);
  const space = (total: number, free: number): Space => ({ total, used: total - free, available: free });
  return { source: mount.source, type: mount.type, target: mount.target, file, bytes: space(blocks * bsize, bfree * bsize), inodes: space(files, ffree) };
}
function sumOf(rows: readonly Row[]): Row {
  const sum = (of: (row: Row) => Space): Space => rows.map(of).reduce((a, b) => ({ total: a.total + b.total, used: a.used + b.used, available: a.available + b.available }));
  return { source: 'total', type: '-', target: '-', file: '-', bytes: sum(row => row.bytes), inodes: sum(row => row.inodes) };
}

function table(fields: readonly Field[], rows: readonly Row[], scale: Scale, parsed: Parsed): string {
  const titles: Readonly<Record<Field, string>> = {
    source: 'Filesystem', fstype: 'Type', itotal: 'Inodes', iused: 'IUsed', iavail: 'IFree', ipcent: 'IUse%', size: scale.title, used: 'Used', avail: scale.base !== null && !parsed.has('P') ? 'Avail' : 'Available',
    pcent: parsed.has('P') ? 'Capacity' : 'Use%', file: 'File', target: 'Mounted on',
  };
  if (scale.base !== null && parsed.has('P')) Object.assign(titles, { avail: 'Avail', pcent: 'Use%' });
  const lines = [fields.map(field => titles[field]), ...rows.map(row => fields.map(field => cell(field, row, scale)))];
  const least: Partial<Record<Field, number>> = { source: 14, size: 5, used: 5, avail: 5, itotal: 5, iused: 5, iavail: 5, pcent: 4, ipcent: 4, fstype: 4 };
  const widths = fields.map((field, at) => Math.max(least[field] ?? 0, ...lines.map(line => line[at]!.length)));
  return lines.map(line => `${line.map((text, at) => (LEFT.has(fields[at]!) ? (at === line.length - 1 ? text : text.padEnd(widths[at]!)) : text.padStart(widths[at]!))).join(' ')}\n`).join('');
}

function cell(field: Field, { source, type, target, file, bytes, inodes }: Row, { unit, base }: Scale): string {
  const size = (value: number): string => (base === null ? String(Math.ceil(value / unit)) : human(value, base));
  const count = (value: number): string => (base === null ? String(value) : human(value, base));
  const percent = ({ used, available }: Space): string => (used + available === 0 ? '-' : `${Math.ceil((used * 100) / (used + available))}%`);
  return {
    source, fstype: type, target, file, size: size(bytes.total), used: size(bytes.used), avail: size(bytes.available), pcent: percent(bytes), itotal: count(inodes.total), iused: count(inodes.used), iavail: count(inodes.available), ipcent: percent(inodes),
  }[field];
}
