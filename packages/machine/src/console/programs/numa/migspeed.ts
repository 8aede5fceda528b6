/**
 * migspeed(8), after migspeed.c of numactl 2.0.16: how fast pages move. The original moves them by mbind(MPOL_MF_MOVE), a flag of Linux
 * 2.6.16; here it is rc3's migrate_pages() of the process itself, with everything it has on those nodes.
 */
import { MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ, PROT_WRITE } from '@pmkit/mm-core/include/asm-ia64/mman';
import { MPOL_BIND } from '@pmkit/mm-core/include/linux/mempolicy';
import { Getopt } from '../../getopt.js';
import type { Process } from '../../process.js';
import { wholeNumber } from '../../strtoul.js';
import { Exit, program } from './exit.js';
import { fixed } from './fixed.js';
import { readText } from './libnuma/host.js';
import { Numa } from './libnuma/libnuma.js';
import { migratePages } from './libnuma/migrate.js';
import { maskLine } from './libnuma/policies.js';

/**
 * Bytes of a page that is copied in a simulated ms: 1.6 GB/s, what one link of NUMAlink 3 (SGI Altix 3700) carries in one direction. The kernel
 * of the simulation copies in no time, so this is a model, and all that the figure says.
 */
const BYTES_PER_MS = 1.6e6;

export const migspeed = program({
  path: '/usr/bin/migspeed',
  summary: 'move pages from some nodes to others and say how fast it was',
  manual: `\
NAME
    migspeed - move pages from some nodes to others and say how fast it was

SYNOPSIS
    migspeed [-p PAGES] [-v] [-h] FROM TO

DESCRIPTION
    Allocates memory on the nodes FROM, writes to it, moves it to the nodes TO, and prints its
    line of numa_maps before and after, and how long it took.

    -p PAGES  how many pages; default 1000
    -v        say what is done
    -h        usage

EXIT STATUS
    0, or 1 after a message.

NOTES
    Options and output are those of numactl 2.0.16, which cannot run on kernels before 5.15
    because it takes a failed probe for its own error; that is left out. The pages are moved by the migrate_pages()
    of the -rc3 series, which moves all that migspeed itself has on FROM, its stack for example.

    The time is modelled: the simulated kernel copies in no time, so migspeed lets 1 ms of
    simulated time pass for every 1.6 MB of its memory that has arrived, as fast as one
    NUMAlink 3 of an Altix 3700. Only compare it with itself. When nothing has moved no time
    has passed, and the speed is "-nan" or "inf", as C prints a division by zero.

SEE ALSO
    numactl(8), migratepages(8)
`,
  libraries: ['libnuma'],
  async run(p) {
    const numa = await Numa.load(p);
    const { pages, verbose, from, to } = await readOptions(p, numa);
    const { m } = p.box.k;
    const bytes = pages * m.PAGE_SIZE;
    if (verbose > 0) p.out(`Allocating ${pages} pages of ${m.PAGE_SIZE} bytes of memory\n`);
    // The page behind it is the one that the original writes to as well.
    const memory = await numa.sys('mmap', 0, bytes + m.PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory < 0) {
      p.out('Out of Memory\n');
      return 2;
    }
    await numa.bindMemory(memory, bytes, MPOL_BIND, from);
    if (verbose > 0) p.out('Dirtying memory....\n');
    await p.touch(memory, pages + 1, 'write');
    if (verbose > 0) p.out('Starting test\n');
    await displayMap(p);
    const start = m.now;
    const before = await pagesOn(p, memory, to);
    if ((await migratePages(numa, p.pid, from, to)) < 0) numa.error('memory move');
    // Behind the move, because patch 5 takes nodes that do not move out of a policy.
    await numa.bindMemory(memory, bytes, MPOL_BIND, to);
    await p.pause((((await pagesOn(p, memory, to)) - before) * m.PAGE_SIZE) / BYTES_PER_MS);
    const seconds = (m.now - start) / 1000;
    await displayMap(p);
    const megabytes = bytes / 2 ** 20;
    p.out(`${fixed(megabytes, 1)} Mbyte migrated in ${fixed(seconds, 2)} secs. ${quotient(megabytes, seconds)} Mbytes/second\n`);
    return 0;
  },
});

async function readOptions(p: Process, numa: Numa): Promise<{ pages: number; verbose: number; from: readonly number[]; to: readonly number[] }> {
  const getopt = new Getopt(p.argv, 'hvp:');
  let pages = 1000;
  let verbose = 0;
  for (const { opt, arg, error = '' } of getopt) {
    p.err(error);
    if (opt === 'v') verbose++;
    else if (opt === 'p') pages = Number(wholeNumber(arg!) ?? usage(p));
    else usage(p);
  }
  const [first, second] = getopt.operands;
  if (first === undefined) usage(p);
  if (verbose > 1) p.out(`numa_max_node = ${numa.maxNode}\n`);
  numa.exitOnError = true;
  const from = await nodes(p, numa, first);
  if (verbose > 0) p.out(maskLine('From', from));
  if (second === undefined) usage(p);
  const to = await nodes(p, numa, second);
  if (verbose > 0) p.out(maskLine('To', to));
  return { pages, verbose, from, to };
}

async function nodes(p: Process, numa: Numa, text: string): Promise<readonly number[]> {
  const list = await numa.parseNodes(text);
  if (list !== null) return list;
  p.out(`<${text}> is invalid\n`);
  throw new Exit(1);
}

async function ownMaps(p: Process): Promise<readonly string[]> {
  const text = await readText(p, '/proc/self/numa_maps');
  if (typeof text === 'string') return text.split('\n');
  p.out('/proc/self/numa_maps not accessible.\n');
  throw new Exit(1);
}

async function displayMap(p: Process): Promise<void> {
  for (const line of await ownMaps(p)) if (line.includes('bind')) p.out(`${line}\n`);
}

/** Pages of the memory that are on some nodes. */
async function pagesOn(p: Process, memory: number, on: readonly number[]): Promise<number> {
  const line = (await ownMaps(p)).find(text => text.startsWith(memory.toString(16).padStart(8, '0'))) ?? '';
  const counts = [...line.matchAll(/ N(\d+)=(\d+)/g)];
  return counts.filter(([, node]) => on.includes(Number(node))).reduce((sum, [, , pages]) => sum + Number(pages), 0);
}

/** printf("%3.1f", a / b). */
function quotient(a: number, b: number): string {
  if (b !== 0) return fixed(a / b, 1).padStart(3);
  return a === 0 ? '-nan' : 'inf';
}

function usage(p: Process): never {
  p.out(`\
usage ${p.argv[0]} [-p pages] [-h] [-v] from-nodes to-nodes
      nodes in form N or N-N
      -p pages  number of pages (default 1000)
      -v        verbose
      -h        usage
`);
  throw new Exit(1);
}
