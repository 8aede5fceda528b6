/**
 * The small programs that the regression scripts of numactl (test/regress, regress2, shmtest, regress-io) call, beside the shell scripts
 * among them. A real machine has them where numactl was built; here they stand in /usr/lib/numactl/test, so that a script
 * finds them with builddir=/usr/lib/numactl.
 */
import { MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ, PROT_WRITE } from '@pmkit/mm-core/include/asm-ia64/mman';
import { MPOL_F_ADDR, MPOL_F_NODE } from '@pmkit/mm-core/include/linux/mempolicy';
import { formatList } from '@pmkit/mm-core/model/number-list';
import { strerror } from '../../process.js';
import type { Program } from '../../program.js';
import { program } from './exit.js';
import { ftok } from './libnuma/ftok.js';
import { Numa } from './libnuma/libnuma.js';
import { fromHex, toMask } from './libnuma/masks.js';
import { maskLine } from './libnuma/policies.js';

function helper(name: string, summary: string, run: Program['run']): Program {
  return program({
    path: `/usr/lib/numactl/test/${name}`, summary, libraries: ['libnuma'], run,
    manual: `NAME\n    ${name} - ${summary}\n\nDESCRIPTION\n    One of the programs that numactl's regression scripts call; output as there.\n`,
  });
}

const pagesize = helper('pagesize', 'print the size of a page in bytes', p => {
  p.out(`${p.box.k.m.PAGE_SIZE}\n`);
  return 0;
});

const mynode = helper('mynode', 'print the node that a fresh page comes from', async p => {
  const numa = await Numa.load(p);
  const memory = await numa.sys('mmap', 0, 1000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  await p.touch(memory, 1, 'write');
  const node = { value: 0 };
  if ((await numa.sys('get_mempolicy', node, null, 0, memory, MPOL_F_NODE | MPOL_F_ADDR)) < 0) p.err(`get_mempolicy: ${strerror(numa.errno)}\n`);
  else p.out(`my node ${node.value}\n`);
  return 0;
});

const nodemap = helper('nodemap', 'print the CPUs of every node', async p => {
  const numa = await Numa.load(p);
  for (let node = 0; node < numa.memNodes.length; node++) {
    const cpus = await numa.nodeCpus(node);
    if (cpus === null) p.out(`node ${node} failed to convert\n`);
    p.out(`${node}: ${(cpus ?? []).map(cpu => ` ${cpu}`).join('')}\n`);
  }
  return 0;
});

const ftokProgram = helper('ftok', 'print the System V keys of files', async p => {
  for (const file of p.argv.slice(1)) p.out(`0x${((await ftok(p, file, 0)) ?? 0xffff_ffff).toString(16)}\n`);
  return 0;
});

const distance = helper('distance', 'print the distances of the nodes and check that they are symmetric', async p => {
  const numa = await Numa.load(p);
  const table = await numa.distanceTable();
  const digits = (value: number): string => String(value).padStart(3, '0');
  for (const [a, row] of table.entries()) {
    const node = numa.nodes[a]!;
    p.out(`${digits(node)}: `);
    if (row[a] !== 10) {
      p.out(`${node}: self distance is not 10 (${row[a]})\n`);
      return 1;
    }
    for (const [b, there] of row.entries()) {
      const back = table[b]![a];
      p.out(`${digits(there)} `);
      if (there === back) continue;
      p.out(`\n(${node},${numa.nodes[b]})->(${there},${back}) wrong!\n`);
      return 1;
    }
    p.out('\n');
  }
  return 0;
});

const nodeParse = helper('node-parse', 'print what lists of nodes mean', async p => {
  const numa = await Numa.load(p);
  let failed = 0;
  for (const text of p.argv.slice(1)) {
    const nodes = await numa.parseNodes(text);
    p.out(nodes === null ? `Failed to convert \`${text}'\n` : maskLine('result', nodes));
    if (nodes === null) failed = 1;
  }
  return failed;
});

/** Bits of the masks that tbitmap tries. */
const MASK_BITS = 300;
const tbitmap = helper('tbitmap', 'check that masks of CPUs are read as the kernel writes them', p => {
  p.out('Testing bitmap functions\n');
  for (let bit = 0; bit < MASK_BITS; bit++) {
    const words = [...toMask([bit], MASK_BITS).subarray(0, Math.ceil(MASK_BITS / 32))].map(word => word.toString(16).padStart(8, '0'));
    // The topmost word has as many digits as it needs.
    const text = words.reverse().join().slice(8 - Math.ceil((MASK_BITS % 32) / 4));
    const read = fromHex(`${text}\n`, MASK_BITS);
    if (read?.length === 1 && read[0] === bit) continue;
    p.err(`tbitmap: bit ${bit} was read as ${read === null ? 'nothing' : formatList(read)}\n`);
    return 1;
  }
  p.out('Passed\n');
  return 0;
});

export const helpers: readonly Program[] = [pagesize, mynode, nodemap, ftokProgram, distance, nodeParse, tbitmap];
