/** memhog(8), after memhog.c of numactl 2.0.16. */
import { O_RDWR } from '@pmkit/mm-core/include/asm-ia64/fcntl';
import { MAP_ANONYMOUS, MAP_PRIVATE, MAP_SHARED, PROT_READ, PROT_WRITE } from '@pmkit/mm-core/include/asm-ia64/mman';
import { MPOL_DEFAULT, MPOL_F_ADDR, MPOL_PREFERRED } from '@pmkit/mm-core/include/linux/mempolicy';
import { strerror, type Process } from '../../process.js';
import { atoi } from '../../strtoul.js';
import { Exit, program } from './exit.js';
import { Numa } from './libnuma/libnuma.js';
import { toMask } from './libnuma/masks.js';
import { memsize, MPOL_LOCAL, parsePolicy, POLICIES } from './libnuma/policies.js';

/** Bytes that are written for one dot. */
const UNIT = 10 * 1024 * 1024;
/** An advice of Linux 2.6.38: -EINVAL here, which the original does not look at either. */
const MADV_NOHUGEPAGE = 15;
/** Simulated ms that writing all of it once takes: others get the CPU after every round. */
const ROUND_MS = 1;

interface Job { fd: number; repeat: number; noHugePages: boolean; length: number; policy: number; nodes: readonly number[] }

export const memhog = program({
  path: '/usr/bin/memhog',
  summary: 'allocate memory with a policy, and write to it',
  manual: `\
NAME
    memhog - allocate memory with a policy, and write to it

SYNOPSIS
    memhog [-rNUM] [-fFILE] [-H] SIZE[kmg] [POLICY [NODES]]

DESCRIPTION
    Maps SIZE bytes, gives them the policy and writes to all of them, with a dot for every
    10 MB. POLICY is default, membind, preferred, interleave or local; all but default and
    local need NODES, a list as numactl(8) takes it.

    -rNUM   write to it NUM times; default once
    -fFILE  map FILE, shared, instead of anonymous memory
    -H      do not use transparent huge pages

    Options must be in front, with their argument in the same word.

EXIT STATUS
    0, or 1 for wrong use. A policy that the kernel refuses is only reported.

NOTES
    As in numactl 2.0.16. One round of writing takes 1 ms of simulated time, in one go: other
    processes run between rounds. local is MPOL_PREFERRED without nodes: MPOL_LOCAL came with
    Linux 3.8. preferred-many needs 5.15; -H, which needs 2.6.38, does nothing. SIZE in bytes
    is rounded up to pages of memory that are written.

SEE ALSO
    numactl(8), workload(1)
`,
  libraries: ['libnuma'],
  async run(p) {
    const numa = await Numa.load(p);
    const job = await readJob(p, numa);
    const [flags, fd] = job.fd >= 0 ? [MAP_SHARED, job.fd] : [MAP_PRIVATE | MAP_ANONYMOUS, -1];
    const map = await numa.sys('mmap', 0, job.length, PROT_READ | PROT_WRITE, flags, fd, 0);
    if (map < 0) {
      p.err(`numactl: mmap: ${strerror(numa.errno)}\n`);
      return 1;
    }
    const mode = job.policy === MPOL_LOCAL ? MPOL_PREFERRED : job.policy;
    if ((await numa.sys('mbind', map, job.length, mode, toMask(job.nodes, numa.nodeBits), numa.nodeBits, 0)) < 0) perror(p, numa, 'mbind');
    if (job.noHugePages) await p.sys('madvise', map, job.length, MADV_NOHUGEPAGE);
    if ((await numa.sys('get_mempolicy', { value: -1 }, toMask([], numa.nodeBits), numa.nodeBits, map, MPOL_F_ADDR)) < 0) perror(p, numa, 'get_mempolicy');
    for (let round = 0; round < job.repeat; round++) await hog(p, map, job.length);
    return 0;
  },
});

async function readJob(p: Process, numa: Numa): Promise<Job> {
  const job: Job = { fd: -1, repeat: 1, noHugePages: false, length: 0, policy: MPOL_DEFAULT, nodes: [] };
  let at = 1;
  for (; p.argv[at]?.startsWith('-') === true; at++) {
    const word = p.argv[at]!;
    const argument = word.slice(2);
    if (word[1] === 'r') job.repeat = atoi(argument);
    else if (word[1] === 'H') job.noHugePages = true;
    else if (word[1] === 'f') {
      job.fd = await numa.open(argument, O_RDWR);
      if (job.fd < 0) perror(p, numa, argument);
    } else usage(p);
  }
  const [size, policy, nodes = ''] = p.argv.slice(at);
  job.length = memsize(size ?? usage(p));
  job.policy = parsePolicy(policy, p.argv[at + 2]) ?? usage(p);
  if (job.policy !== MPOL_DEFAULT && job.policy !== MPOL_LOCAL) job.nodes = (await numa.parseNodes(nodes)) ?? invalid(p, nodes);
  return job;
}

/** Writes to all of it once. */
async function hog(p: Process, map: number, length: number): Promise<void> {
  const { PAGE_SIZE } = p.box.k.m;
  for (let at = 0; at < length; at += UNIT) {
    p.out('.');
    await p.touch(map + at, Math.ceil(Math.min(UNIT, length - at) / PAGE_SIZE), 'write');
  }
  p.out('\n');
  await p.pause(ROUND_MS);
}

function perror(p: Process, numa: Numa, text: string): void {
  p.err(`${text}: ${strerror(numa.errno)}\n`);
}
function invalid(p: Process, nodes: string): never {
  p.out(`<${nodes}> is invalid\n`);
  throw new Exit(1);
}
function usage(p: Process): never {
  p.out(`\
memhog [-fFILE] [-rNUM] [-H] size[kmg] [policy [nodeset]]
-f FILE is mapped
-rNUM write NUM times
-H no transparent huge pages
${POLICIES}`);
  throw new Exit(1);
}
