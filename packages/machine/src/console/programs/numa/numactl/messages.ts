/** How numactl says that something is wrong, and ends (util.c and numactl.c of 2.0.16). */
import { strerror, type Process } from '../../../process.js';
import { Exit } from '../exit.js';

/**
 * complain(): as in the original the text goes to standard error, and the newline behind it to standard output.
 */
export function complain(p: Process, text: string): never {
  p.err(`numactl: ${text}`);
  p.out('\n');
  throw new Exit(1);
}
/** usage_msg(): complain() with the usage after it. */
export function complainOfUse(p: Process, text: string): never {
  p.err(`numactl: ${text}`);
  p.out('\n');
  return usage(p);
}
/** err() and nerror(): a failed call. @param errno positive, or 0 for none. */
export function failed(p: Process, text: string, errno: number): never {
  p.err(errno === 0 ? `numactl: ${text}\n` : `numactl: ${text}: ${strerror(errno)}\n`);
  throw new Exit(1);
}
/** What is no list of nodes or CPUs. */
export function invalidList(p: Process, text: string): never {
  p.out(`<${text}> is invalid\n`);
  return usage(p);
}
export function usage(p: Process): never {
  p.err(USAGE);
  throw new Exit(1);
}

const USAGE = `\
usage: numactl [--all | -a] [--balancing | -b] [--interleave= | -i <nodes>]
               [--preferred= | -p <node>] [--preferred-many= | -P <nodes>]
               [--physcpubind= | -C <cpus>] [--cpunodebind= | -N <nodes>]
               [--membind= | -m <nodes>] [--localalloc | -l] command args ...
       numactl [--show | -s]
       numactl [--hardware | -H]
       numactl [--length | -L <length>] [--offset | -o <offset>] [--shmmode | -M <shmmode>]
               [--strict | -t]
               [--shmid | -I <id>] --shm | -S <shmkeyfile>
               [--shmid | -I <id>] --file | -f <tmpfsfile>
               [--huge | -u] [--touch | -T]
               memory policy [--dump | -d] [--dump-nodes | -D]

memory policy: --interleave | -i, --preferred | -p, --membind | -m, --localalloc | -l
<nodes>, <cpus>: numbers and ranges A-B with commas between, or all
  ! in front: all others; + in front: numbers count within the cpuset
  for a node also netdev:DEV, file:PATH, ip:HOST, block:PATH, pci:[seg:]bus:dev[:func]
--cpubind is the old name of --cpunodebind
<length>: bytes, or with g, m or k behind it
`;
