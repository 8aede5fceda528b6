/** kill and its relatives that look for processes first: pgrep, pkill, pidof. */
import { defineProgram, helpOf, none, parseOptions, required, type Parsed } from './define.js';
import { KILL_SYNOPSIS, killCommand } from './kill-command.js';
import { Accounts } from './accounts.js';
import { commandLine, processes, type Proc } from './proc.js';
import { signalNumber } from '../../signals.js';
import type { Process } from '../../process.js';

const KILL = {
  path: '/bin/kill', summary: 'send a signal to processes', synopsis: KILL_SYNOPSIS,
  description: 'Sends SIGTERM, or the signal named, to each process. A pid of 0 is the own process group, -1 everybody one may signal, and -N process group N. '
    + 'Signals are names with or without SIG, or numbers; 0 only asks whether one could be sent.',
  options: [['-s SIGNAL, -SIGNAL', 'the signal to send'], ['-l [SIGNAL]', 'list the names of all signals, or the other name of one'], ['-L', 'list names and numbers']],
  notes: ['The shell has a kill of its own, which knows jobs. In the simulated kernel a process group is a session.'],
} as const;

export const kill = defineProgram({
  ...KILL,
  async run(p) {
    const args = p.argv.slice(1);
    if (args[0] === '-h' || args[0] === '--help') {
      p.out(helpOf(KILL));
      return 0;
    }
    return killCommand({
      shell: null, send: (pid, signal) => p.sys('kill', pid, signal), strerror: result => p.strerror(result), out: text => { p.out(text); }, err: text => { p.err(text); },
      named: async name => (await processes(p)).filter(({ comm }) => comm === name).map(({ pid }) => pid),
    }, args);
  },
});

const SEARCH_OPTIONS = [
  none('full', 'f'), none('exact', 'x'), none('list-name', 'l'), none('list-full', 'a'), none('newest', 'n'), none('oldest', 'o'), none('count', 'c'), none('inverse', 'v'),
  none('ignore-case', 'i'), required('delimiter', 'd'), required('parent', 'P'), required('euid', 'u'), required('uid', 'U'), required('session', 's'), required('pgroup', 'g'),
  required('group', 'G'), required('signal'), none('echo', 'e'),
] as const;

/** Ids of a comma-separated list; null when one is none, which has been printed. */
function ids(p: Process, list: string | undefined, find: (word: string) => number | undefined, what: string): ReadonlySet<number> | null | undefined {
  if (list === undefined) return undefined;
  const found = new Set<number>();
  for (const word of list.split(',')) {
    const id = find(word);
    if (id === undefined) {
      p.err(`${p.name}: invalid ${what}: ${word}\n`);
      return null;
    }
    found.add(id);
  }
  return found;
}
const number = (word: string): number | undefined => (/^\d+$/.test(word) ? Number(word) : undefined);

/** What the options of pgrep and pkill say about who is meant; null when they are wrong, which has been printed. */
async function condition(p: Process, parsed: Parsed): Promise<((proc: Proc) => boolean) | null> {
  const accounts = await Accounts.read(p);
  const user = (word: string): number | undefined => accounts.user(word)?.uid ?? number(word);
  const group = (word: string): number | undefined => accounts.group(word)?.gid ?? number(word);
  const sets = {
    parent: ids(p, parsed.value('P'), number, 'process id'), euid: ids(p, parsed.value('u'), user, 'user name'), uid: ids(p, parsed.value('U'), user, 'user name'),
    session: ids(p, parsed.value('s'), number, 'session id'), pgroup: ids(p, parsed.value('g'), number, 'process group'), gid: ids(p, parsed.value('G'), group, 'group name'),
  };
  const pattern = patternOf(p, parsed);
  if (pattern === null || Object.values(sets).includes(null)) return null;
  const within = (set: ReadonlySet<number> | null | undefined, id: number | undefined): boolean => set === undefined || (id !== undefined && set!.has(id));
  return proc => within(sets.parent, proc.ppid) && within(sets.euid, proc.uid[1]) && within(sets.uid, proc.uid[0]) && within(sets.session, proc.session)
    && within(sets.pgroup, proc.session) && within(sets.gid, proc.gid[0]) && (pattern === undefined || pattern.test(parsed.has('f') ? commandLine(proc) : proc.comm));
}

/** The pattern as a regular expression; undefined when there is none, null when it is not one. */
function patternOf(p: Process, parsed: Parsed): RegExp | null | undefined {
  const [text] = parsed.operands;
  if (text === undefined) return undefined;
  try {
    return new RegExp(parsed.has('x') ? `^(?:${text})$` : text, parsed.has('i') ? 'i' : '');
  } catch {
    p.err(`${p.name}: ${text}: not a regular expression\n`);
    return null;
  }
}

/** `pkill -KILL`, `pkill -9`: the signal stands where an option would. @returns the number, and the arguments without it. */
function takeSignal(argv: readonly string[]): { readonly signal: number | undefined; readonly rest: readonly string[] } {
  for (const [i, word] of argv.entries()) {
    const signal = i > 0 && /^-[A-Z0-9]+$/.test(word) ? signalNumber(word.slice(1)) : undefined;
    if (signal !== undefined) return { signal, rest: argv.filter((_word, at) => at !== i) };
  }
  return { signal: undefined, rest: argv };
}

/** Those that are meant, without the caller; null for wrong use, and then the exit code is 2. */
async function search(p: Process, parsed: Parsed): Promise<Proc[] | null> {
  const criteria = ['P', 'u', 'U', 's', 'g', 'G'];
  if (parsed.operands.length !== 1 && (parsed.operands.length > 1 || !parsed.has(...criteria))) {
    p.err(`${p.name}: ${parsed.operands.length > 1 ? 'only one pattern can be provided' : 'no matching criteria specified'}\nTry \`${p.name} --help' for more information.\n`);
    return null;
  }
  const matches = await condition(p, parsed);
  if (matches === null) return null;
  const found = (await processes(p)).filter(proc => proc.pid !== p.pid && matches(proc) !== parsed.has('v'));
  const byStart = [...found].sort((a, b) => a.start - b.start || a.pid - b.pid);
  if (parsed.has('n')) return byStart.slice(-1);
  if (parsed.has('o')) return byStart.slice(0, 1);
  return found;
}

const SEARCH_TEXTS = [
  ['-f, --full', 'match the whole command line, not only the name'], ['-x, --exact', 'the pattern has to match from end to end'], ['-n, -o', 'only the newest, or the oldest'],
  ['-P PID,...', 'children of these processes'], ['-u USER,... -U USER,...', 'effective, or real, user'], ['-G GROUP,...', 'real group'], ['-s SESSION,... -g GROUP,...', 'session; process group'],
  ['-v, --inverse', 'all others'], ['-i, --ignore-case', 'capital and small letters are the same'],
] as const;

const PGREP = {
  path: '/usr/bin/pgrep', summary: 'find processes by name and other attributes', synopsis: ['pgrep [options] PATTERN'],
  description: 'Prints the pids of the processes whose name matches the pattern, an extended regular expression, and of which all that the options say is true. Exit code 1: there is none; 2: wrong use.',
  options: [...SEARCH_TEXTS, ['-l, -a', 'print the name, or the command line, behind the pid'], ['-c, --count', 'print how many there are'], ['-d STRING', 'print this between the pids']] as const,
  notes: ['Patterns are regular expressions of the host, which have what extended regular expressions have and more.'],
};
export const pgrep = defineProgram({
  ...PGREP,
  async run(p) {
    const parsed = parseOptions(p, 'fxlanocvid:P:u:U:s:g:G:', SEARCH_OPTIONS);
    if (parsed === null) return 2;
    if (parsed.has('help')) {
      p.out(helpOf(PGREP));
      return 0;
    }
    const found = await search(p, parsed);
    if (found === null) return 2;
    const name = (proc: Proc): string => (parsed.has('a') ? ` ${commandLine(proc)}` : parsed.has('l') ? ` ${parsed.has('f') ? commandLine(proc) : proc.comm}` : '');
    if (parsed.has('c')) p.out(`${found.length}\n`);
    else if (found.length > 0) p.out(`${found.map(proc => `${proc.pid}${name(proc)}`).join(parsed.value('d') ?? '\n')}\n`);
    return found.length > 0 ? 0 : 1;
  },
});

const PKILL = {
  path: '/usr/bin/pkill', summary: 'send a signal to processes by name and other attributes', synopsis: ['pkill [-SIGNAL] [options] PATTERN'],
  description: 'Sends SIGTERM, or the signal named, to the processes that pgrep would find. Exit code 1: there is none, or none could be signalled; 2: wrong use.',
  options: [['-SIGNAL, --signal SIGNAL', 'the signal'], ['-e, --echo', 'say who was signalled'], ...SEARCH_TEXTS] as const,
};
export const pkill = defineProgram({
  ...PKILL,
  async run(p) {
    const { signal, rest } = takeSignal(p.argv);
    p.argv = rest;
    const parsed = parseOptions(p, 'fxnocvieP:u:U:s:g:G:', SEARCH_OPTIONS);
    if (parsed === null) return 2;
    if (parsed.has('help')) {
      p.out(helpOf(PKILL));
      return 0;
    }
    const word = parsed.value('signal');
    const wanted = word === undefined ? signal ?? SIGTERM : signalNumber(word);
    if (wanted === undefined) return p.fail(`unknown signal "${word}"`, 2);
    const found = await search(p, parsed);
    if (found === null) return 2;
    let sent = 0;
    for (const { pid, comm } of found) {
      const result = await p.sys('kill', pid, wanted);
      if (result === 0) sent++;
      else p.err(`${p.name}: killing pid ${pid} failed: ${p.strerror(result)}\n`);
      if (result === 0 && parsed.has('e')) p.out(`${comm} killed (pid ${pid})\n`);
    }
    if (parsed.has('c')) p.out(`${found.length}\n`);
    return sent > 0 ? 0 : 1;
  },
});
const SIGTERM = 15;

const PIDOF = {
  path: '/sbin/pidof', summary: 'find the pids of a running program', synopsis: ['pidof [-s] [-x] [-o PID] PROGRAM...'],
  description: 'Prints the pids of all processes that run one of the programs, the newest first. Exit code 1: there is none.',
  options: [['-s', 'only one pid'], ['-x', 'scripts too, by their own name'], ['-o PID', 'leave this process out']] as const,
};
export const pidof = defineProgram({
  ...PIDOF,
  async run(p) {
    const parsed = parseOptions(p, 'sxco:');
    if (parsed === null) return 1;
    if (parsed.has('help')) {
      p.out(helpOf(PIDOF));
      return 0;
    }
    const left = new Set(parsed.options.filter(({ opt }) => opt === 'o').map(({ arg }) => Number(arg)));
    const base = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
    const names = new Set(parsed.operands.map(base));
    const runs = ({ comm, argv }: Proc): boolean => names.has(comm) || (argv[0] !== undefined && names.has(base(argv[0]))) || (parsed.has('x') && argv[1] !== undefined && names.has(base(argv[1])));
    const found = (await processes(p)).filter(proc => proc.pid !== p.pid && !left.has(proc.pid) && proc.state !== 'Z' && runs(proc)).map(({ pid }) => pid).reverse();
    if (found.length === 0) return 1;
    p.out(`${(parsed.has('s') ? found.slice(0, 1) : found).join(' ')}\n`);
    return 0;
  },
});
