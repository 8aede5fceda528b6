/** migratepages(8), after migratepages.c of numactl 2.0.16. */
import { Getopt } from '../../getopt.js';
import { strerror, type Process } from '../../process.js';
import { wholeNumber } from '../../strtoul.js';
import { Exit, program } from './exit.js';
import { Numa } from './libnuma/libnuma.js';
import { migratePages } from './libnuma/migrate.js';

export const migratepages = program({
  path: '/usr/bin/migratepages',
  summary: 'move the memory of a process from some nodes to others',
  manual: `\
NAME
    migratepages - move the memory of a process from some nodes to others

SYNOPSIS
    migratepages PID FROM TO

DESCRIPTION
    FROM and TO are lists of nodes as numactl(8) takes them: 0-3,5, all, !1, +0-1.

    Pages on the first node of FROM go to the first of TO, those on the second to the second, and
    so on. When TO is the shorter it is used again from its beginning; when the lists differ in
    length, what is on a node that is in both stays.

    Nothing is printed when all went well. Virtual addresses do not change.

EXIT STATUS
    0, or 1 after a message.

NOTES
    The system call is that of the -rc3 series, migrate_pages(pid, count, old_nodes, new_nodes),
    number 1279, where numactl 2.0.16 uses the one of Linux 2.6.16. It refuses a node on both
    sides; so moves that overlap are made in several calls, the end of a chain first: 0-2 to
    1-3 is 2 to 3, then 1 to 2, then 0 to 1. If a call fails, what the calls before it have moved
    stays moved. Without the call (levels 0 to 3) it is "Function not implemented". When nothing
    is to move, as from 0 to 0, no call is made, and PID is not looked at.

    The overview says that -rc3 is only reliable when the process is stopped. migratepages does
    not stop it: use kill -STOP and kill -CONT around it.

    From level 5 on policies move along, but patch 5 takes nodes that a call does not name out of
    them. So a policy whose nodes do not all move in the same call is damaged, in particular
    by moves that overlap: give it anew afterwards.

    What moves depends on the level: see the series. What could not be moved for now makes it
    fail with "Resource temporarily unavailable".

SEE ALSO
    numactl(8), numastat(8), kill(1)
`,
  libraries: ['libnuma'],
  async run(p) {
    const numa = await Numa.load(p);
    const getopt = new Getopt(p.argv, 'h', [{ name: 'help', takes: 'none', val: 'h' }]);
    for (const { error = '' } of getopt) {
      p.err(error);
      usage(p);
    }
    const [pid = '', from = '', to = ''] = getopt.operands;
    if (getopt.operands.length !== 3) usage(p);
    const number = wholeNumber(pid) ?? usage(p);
    const fromNodes = await nodes(p, numa, from);
    const toNodes = await nodes(p, numa, to);
    if ((await migratePages(numa, Number(BigInt.asIntN(32, number)), fromNodes, toNodes)) === 0) return 0;
    p.err(`migrate_pages: ${strerror(numa.errno)}\n`);
    return 1;
  },
});

async function nodes(p: Process, numa: Numa, text: string): Promise<readonly number[]> {
  const list = await numa.parseNodes(text);
  if (list !== null) return list;
  p.out(`<${text}> is invalid\n`);
  throw new Exit(1);
}

function usage(p: Process): never {
  p.err(`\
usage: migratepages pid from-nodes to-nodes

from-nodes, to-nodes: numbers and ranges A-B with commas between, or all
`);
  throw new Exit(1);
}
