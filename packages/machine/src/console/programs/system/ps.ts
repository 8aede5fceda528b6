/** ps: processes of the machine, as procps shows them, with options of both kinds (`ps -ef`, `ps aux`). */
import type { Process } from '../../process.js';
import { readText } from '../numa/libnuma/host.js';
import { Accounts } from './accounts.js';
import { defineProgram, helpOf } from './define.js';
import { memoryOf, processes, threadsOf, type Proc } from './proc.js';
import { COLUMNS, FORMATS, table, type Choice, type PsContext } from './ps-columns.js';
import { parsePsOptions, type PsOptions } from './ps-options.js';

const PS = {
  path: '/bin/ps', summary: 'show processes', synopsis: ['ps [-e] [-f|-l] [-o FORMAT] [-p PID] [-C NAME] [-u USER]', 'ps [a][u][x][l] [o FORMAT]'],
  description: `Shows the processes of the caller's user in this session, others as the options say. Columns of -o: ${Object.keys(COLUMNS).join(', ')}. Exit code 1 when there was none to show.`,
  options: [
    ['-e, -A, ax', 'all'], ['-a', 'all with a terminal that do not lead a session'], ['-p PID,...; PID', 'these'], ['--ppid PID,...', 'their children'], ['-C NAME,...', 'by the name of the program'],
    ['-u USER,... -U USER,...', 'by effective, or real, user'], ['-G GROUP,...', 'by real group'], ['-s SESSION,...', 'by session'], ['-N', 'all others'], ['-f, -l, u, l', 'full, long, and the formats of BSD'],
    ['-o, --format COLUMN[=[HEADING]],...', 'these columns; a heading takes the rest of the word, and = alone is an empty one'], ['-L, -T', 'a line for each thread'], ['--sort [-]COLUMN,...', 'in another order'],
    ['h, --no-headers', 'without the heading'], ['w', 'accepted: lines are as long as they are'],
  ] as const,
  notes: ['Processes in the session of the console\'s shell are shown at pts/0, all others without a terminal; the simulated kernel has none.', 'No time is spent on a CPU there either: TIME and %CPU are zero, and WCHAN is not known.'],
};
export const ps = defineProgram({
  ...PS,
  async run(p) {
    const options = parsePsOptions(p.argv.slice(1));
    if (typeof options === 'string') {
      p.err(`error: ${options}\n\nUsage:\n ps [options]\n\n Try 'man ps' for more details.\n`);
      return 1;
    }
    if (options.help) {
      p.out(helpOf(PS));
      return 0;
    }
    const context = await contextOf(p);
    const unknown = options.columns.find(([column]) => COLUMNS[column] === undefined) ?? options.sort.find(([column]) => COLUMNS[column] === undefined);
    if (unknown !== undefined) {
      p.err(`error: unknown user-defined format specifier "${unknown[0]}"\n\nUsage:\n ps [options]\n\n Try 'man ps' for more details.\n`);
      return 1;
    }
    const chosen = await choose(p, options, context);
    if (typeof chosen === 'string') {
      p.err(`error: ${chosen}\n`);
      return 1;
    }
    p.out(table(formatOf(options), sorted(chosen, options, context), context, options.heading));
    return chosen.length > 0 ? 0 : 1;
  },
});

async function contextOf(p: Process): Promise<PsContext> {
  const meminfo = await readText(p, '/proc/meminfo');
  const { k, login } = p.box;
  return {
    accounts: await Accounts.read(p), now: k.m.now, pageSize: k.m.PAGE_SIZE, session: login.task.session, memTotal: typeof meminfo === 'number' ? 1 : memoryOf(meminfo, 'MemTotal'),
  };
}

function formatOf({ columns, format, threads }: PsOptions): Choice {
  if (columns.length > 0) return columns;
  const base: Choice = FORMATS[format];
  if (!threads) return base;
  return base.flatMap(column => (column[0] === 'pid' ? [column, ['lwp']] as Choice : column[0] === 'c' && format === 'full' ? [column, ['nlwp']] as Choice : [column]));
}

/** The processes that the options mean; with -L their threads. A text says what is wrong with the options. */
async function choose(p: Process, options: PsOptions, context: PsContext): Promise<Proc[] | string> {
  const { accounts } = context;
  const { select } = options;
  const ids = (words: readonly string[], find: (word: string) => number | undefined): ReadonlySet<number> | string => {
    const found = new Set<number>();
    for (const word of words) {
      const id = find(word);
      if (id === undefined) return word;
      found.add(id);
    }
    return found;
  };
  const number = (word: string): number | undefined => (/^\d+$/.test(word) ? Number(word) : undefined);
  const users = [ids(select.euid, word => accounts.user(word)?.uid ?? number(word)), ids(select.ruid, word => accounts.user(word)?.uid ?? number(word))];
  const groups = ids(select.gid, word => accounts.group(word)?.gid ?? number(word));
  const pids = ids(select.pid, number);
  const parents = ids(select.ppid, number);
  const sessions = ids(select.session, number);
  if ([...users, groups].some(set => typeof set === 'string')) return typeof groups === 'string' ? 'group name does not exist' : 'user name does not exist';
  if ([pids, parents, sessions].some(set => typeof set === 'string')) return 'process ID list syntax error';
  const has = (set: ReadonlySet<number> | string | undefined, id: number | undefined): boolean => typeof set === 'object' && id !== undefined && set.has(id);
  const [mine] = await processes(p, [p.pid]);
  const explicit = Object.values(select).some(words => words.length > 0);
  const chosen = (proc: Proc): boolean => options.all
    || has(pids, proc.tgid) || has(parents, proc.ppid) || has(sessions, proc.session) || has(users[0], proc.uid[1]) || has(users[1], proc.uid[0]) || has(groups, proc.gid[0]) || select.comm.includes(proc.comm)
    || (options.others && proc.session === context.session && proc.session !== proc.pid) || (options.everybody && proc.session === context.session)
    || (options.ownAnywhere && proc.uid[1] === mine?.uid[1])
    || (!explicit && !options.others && !options.everybody && !options.ownAnywhere && proc.session === mine?.session && proc.uid[1] === mine.uid[1]);
  const found: Proc[] = [];
  for (const proc of await processes(p)) {
    if (chosen(proc) === options.negate) continue;
    if (options.threads) found.push(...await threadsOf(p, proc));
    else found.push(proc);
  }
  return found;
}

/** In the order of --sort: numbers by size, words by their letters. */
function sorted(procs: readonly Proc[], { sort }: PsOptions, context: PsContext): readonly Proc[] {
  if (sort.length === 0) return procs;
  return [...procs].sort((a, b) => {
    for (const [column, descending] of sort) {
      const [x, y] = [COLUMNS[column]!.show(a, context), COLUMNS[column]!.show(b, context)];
      const difference = /^-?[\d.]+$/.test(x) && /^-?[\d.]+$/.test(y) ? Number(x) - Number(y) : x < y ? -1 : x > y ? 1 : 0;
      if (difference !== 0) return descending ? -difference : difference;
    }
    return 0;
  });
}
