/** Programs that run a command otherwise: su, runuser, nice, renice, nohup, setsid. */
import { PRIO_PGRP, PRIO_PROCESS, PRIO_USER, SIGHUP } from '@pmkit/mm-core/include/linux/sched';
import { SIG_IGN } from '@pmkit/mm-core/include/linux/signal';
import type { Process } from '../../process.js';
import { Accounts, type User } from './accounts.js';
import { defineProgram, helpOf, none, optional, parseOptions, required, type Parsed } from './define.js';

const SU_LONG = [
  required('command', 'c'), none('login', 'l'), none('preserve-environment', 'm'), required('shell', 's'), required('group', 'g'), required('supp-group', 'G'), none('fast', 'f'), required('session-command', 'c'), required('user', 'u'),
] as const;

/** Becomes another user: groups first, while it still may. @returns 0 or a negative errno. */
async function become(p: Process, accounts: Accounts, user: User, gid: number, groups: readonly number[]): Promise<number> {
  const all = [...new Set([...accounts.groupsOf(user), ...groups])];
  for (const [call, ...args] of [['setgroups', all.length, all], ['setresgid', gid, gid, gid], ['setresuid', user.uid, user.uid, user.uid]] as const) {
    const result = await p.sys(call, ...args);
    if (result !== 0) return result;
  }
  return 0;
}

/** modify_environment(): who one is now; with -l nothing else is left but TERM. */
function changeEnvironment(p: Process, user: User, shell: string, parsed: Parsed, login: boolean): void {
  const { env } = p;
  if (login) {
    const term = env.get('TERM');
    env.clear();
    if (term !== undefined) env.set('TERM', term);
    env.set('PATH', user.uid === 0 ? '/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin' : '/usr/local/bin:/bin:/usr/bin');
    p.cwd = user.home;
  } else if (parsed.has('m')) return;
  env.set('HOME', user.home);
  env.set('SHELL', shell);
  // root's name is not put into the environment of who becomes root without a login
  if (login || user.uid !== 0) for (const name of ['USER', 'LOGNAME']) env.set(name, user.name);
}

/** Ids of groups that -g and -G name; null when one is not there, which has been printed. */
function groupIds(p: Process, accounts: Accounts, parsed: Parsed, option: string): number[] | null {
  const found: number[] = [];
  for (const { opt, arg } of parsed.options) {
    if (opt !== option) continue;
    const group = accounts.group(arg!);
    if (group === undefined) {
      p.err(`${p.name}: group ${arg!} does not exist\n`);
      return null;
    }
    found.push(group.gid);
  }
  return found;
}

/** What su and runuser have in common once it is settled that the caller may. @param words operands: [-] [USER [ARG...]] */
async function switchUser(p: Process, parsed: Parsed, words: readonly string[]): Promise<number> {
  const login = parsed.has('l') || words[0] === '-';
  const operands = words[0] === '-' ? words.slice(1) : words;
  const accounts = await Accounts.read(p);
  const direct = parsed.value('u');
  const name = direct ?? operands[0] ?? 'root';
  const user = accounts.user(name);
  if (user === undefined) return p.fail(`user ${name} does not exist or the user entry does not contain all the required fields`);
  const primary = groupIds(p, accounts, parsed, 'g');
  const extra = groupIds(p, accounts, parsed, 'G');
  if (primary === null || extra === null) return 1;
  const result = await become(p, accounts, user, primary.at(-1) ?? user.gid, extra);
  if (result !== 0) return p.fail(`cannot set user id: ${p.strerror(result)}`);
  if (direct !== undefined) return operands.length === 0 ? p.fail('no command was specified') : p.exec(operands);
  const shell = parsed.value('s') ?? (parsed.has('m') ? p.env.get('SHELL') ?? user.shell : user.shell);
  changeEnvironment(p, user, shell, parsed, login);
  const command = parsed.value('c');
  return p.exec([/(^|\/)(ba)?sh$/.test(shell) ? 'bash' : shell, ...(command === undefined ? [] : ['-c', command]), ...operands.slice(1)]);
}

const SU_TEXTS = [
  ['-c, --command COMMAND', 'give this to the shell instead of standard input'], ['-, -l, --login', 'with a login\'s environment and directory'], ['-m, -p, --preserve-environment', 'keep the environment'],
  ['-s, --shell SHELL', 'another shell than that of /etc/passwd'], ['-g GROUP', 'primary group; root only'], ['-G GROUP', 'a supplementary group; root only'],
] as const;

const SU = {
  path: '/bin/su', summary: 'run a shell as another user', synopsis: ['su [options] [-] [USER [ARG...]]'],
  description: 'Becomes USER (root if none is named) with that user\'s groups, and goes on as the user\'s shell.',
  options: SU_TEXTS,
  notes: ['Who is not root would have to give a password. The users of this machine have none that could be typed, so su refuses with the original\'s message.', 'The shell takes the place of su, as with the su of coreutils 5.2; with PAM su stays and waits.'],
};
export const su = defineProgram({
  ...SU,
  async run(p) {
    const parsed = parseOptions(p, 'c:lmps:g:G:f', SU_LONG);
    if (parsed === null) return 1;
    if (parsed.has('help')) {
      p.out(helpOf(SU));
      return 0;
    }
    if (await p.sys('getuid') !== 0) {
      p.err('Password: \n');
      return p.fail('Authentication failure');
    }
    return switchUser(p, { ...parsed, has: (...names) => parsed.has(...names) || (names.includes('m') && parsed.has('p')) }, parsed.operands);
  },
});

const RUNUSER = {
  path: '/sbin/runuser', summary: 'run a command as another user, for root', synopsis: ['runuser [options] -u USER [--] COMMAND [ARG...]', 'runuser [options] [-] [USER [ARG...]]'],
  description: 'The first form runs a command without a shell and leaves the environment as it is; the second is that of su.',
  options: [['-u USER', 'the user'], ...SU_TEXTS] as const,
};
export const runuser = defineProgram({
  ...RUNUSER,
  async run(p) {
    const direct = p.argv.some(word => /^(-u|--user)/.test(word));
    const parsed = parseOptions(p, `${direct ? '+' : ''}c:lmps:g:G:fu:`, SU_LONG);
    if (parsed === null) return 1;
    if (parsed.has('help')) {
      p.out(helpOf(RUNUSER));
      return 0;
    }
    if (await p.sys('getuid') !== 0) return p.fail('may not be used by non-root users');
    return switchUser(p, parsed, parsed.operands);
  },
});

const NICE = {
  path: '/bin/nice', summary: 'run a command with another nice value', synopsis: ['nice [-n ADJUSTMENT] [COMMAND [ARG]...]'],
  description: 'Adds ADJUSTMENT (10) to the nice value, -20 to 19, and goes on as the command; without a command prints the nice value. To lower it takes CAP_SYS_NICE.',
  options: [['-n, --adjustment N, -N', 'how much is added']] as const,
  notes: ['The simulated kernel keeps and inherits the value, but its scheduler has no priorities: whoever is ready runs in turn.'],
};
export const nice = defineProgram({
  ...NICE,
  async run(p) {
    // -5 and --5 are -n 5 and -n -5
    const argv = p.argv.map((word, i) => (i === 1 && /^-[-+]?\d+$/.test(word) ? `-n${word.slice(1)}` : word));
    p.argv = argv;
    const parsed = parseOptions(p, '+n:', [required('adjustment', 'n')]);
    if (parsed === null) return 125;
    if (parsed.has('help')) {
      p.out(helpOf(NICE));
      return 0;
    }
    const current = 20 - await p.sys('getpriority', PRIO_PROCESS, 0);
    const text = parsed.value('n');
    if (text !== undefined && !/^[-+]?\d+$/.test(text)) return p.fail(`invalid adjustment '${text}'`, 125);
    if (parsed.operands.length === 0) {
      if (text !== undefined) return p.fail(`a command must be given with an adjustment\nTry '${p.name} --help' for more information.`, 125);
      p.out(`${current}\n`);
      return 0;
    }
    const result = await p.sys('setpriority', PRIO_PROCESS, 0, current + Number(text ?? 10));
    if (result !== 0) p.err(`${p.name}: cannot set niceness: ${p.strerror(result)}\n`); // and goes on
    return p.exec(parsed.operands);
  },
});

const RENICE = {
  path: '/usr/bin/renice', summary: 'change the nice value of processes', synopsis: ['renice [-n] PRIORITY [-p|-g|-u] ID...'],
  description: 'Sets the nice value of processes (-p), of the processes of groups (-g), or of users (-u); what kind of ids follow can change in between.',
  options: [['-n, --priority N', 'the nice value'], ['-p, --pid', 'processes; what is meant when nothing is said'], ['-g, --pgrp', 'process groups'], ['-u, --user', 'users, by name or number']] as const,
  notes: ['The scheduler has no priorities; see nice(1).'],
};
const RENICE_KINDS: Readonly<Record<string, readonly [which: number, name: string]>> = {
  '-p': [PRIO_PROCESS, 'process ID'], '--pid': [PRIO_PROCESS, 'process ID'], '-g': [PRIO_PGRP, 'process group ID'], '--pgrp': [PRIO_PGRP, 'process group ID'], '-u': [PRIO_USER, 'user ID'], '--user': [PRIO_USER, 'user ID'],
};
export const renice = defineProgram({
  ...RENICE,
  async run(p) {
    let words = p.argv.slice(1);
    if (words[0] === '--help' || words[0] === '-h') {
      p.out(helpOf(RENICE));
      return 0;
    }
    if (words[0] === '-n' || words[0] === '--priority') words = words.slice(1);
    const [priority = '', ...ids] = words;
    if (!/^[-+]?\d+$/.test(priority) || ids.length === 0) return p.fail(priority === '' || ids.length === 0 ? "not enough arguments\nTry 'renice --help' for more information." : `invalid priority '${priority}'\nTry 'renice --help' for more information.`);
    return reniceAll(p, Number(priority), ids);
  },
});
async function reniceAll(p: Process, priority: number, words: readonly string[]): Promise<number> {
  const accounts = await Accounts.read(p);
  let [which, kind] = RENICE_KINDS['-p']!;
  let exitCode = 0;
  for (const word of words) {
    const next = RENICE_KINDS[word];
    if (next !== undefined) {
      [which, kind] = next;
      continue;
    }
    const who = which === PRIO_USER ? accounts.user(word)?.uid ?? Number(word) : Number(word);
    if (!(Number.isInteger(who) && who >= 0)) {
      exitCode = p.fail(which === PRIO_USER ? `unknown user ${word}` : `bad ${kind} value: ${word}`);
      continue;
    }
    const old = await p.sys('getpriority', which, who);
    const result = old < 0 ? old : await p.sys('setpriority', which, who, priority);
    if (result !== 0) exitCode = p.fail(`failed to ${old < 0 ? 'get' : 'set'} priority for ${who} (${kind}): ${p.strerror(result)}`);
    else p.out(`${who} (${kind}) old priority ${20 - old}, new priority ${20 - await p.sys('getpriority', which, who)}\n`);
  }
  return exitCode;
}

export const nohup = defineProgram({
  path: '/usr/bin/nohup', summary: 'run a command that a hang-up does not end', synopsis: ['nohup COMMAND [ARG]...'],
  description: 'Ignores SIGHUP and goes on as the command, which inherits that.',
  notes: ['Output goes where it went: the console is no terminal to the programs that run on it, and so no nohup.out is made.'],
  async run(p) {
    const command = p.argv[1] === '--' ? p.argv.slice(2) : p.argv.slice(1);
    if (command.length === 0) return p.fail("missing operand\nTry 'nohup --help' for more information.", 125);
    await p.sys('rt_sigaction', SIGHUP, { sa_handler: SIG_IGN }, null, 8);
    return p.exec(command);
  },
});

export const setsid = defineProgram({
  path: '/usr/bin/setsid', summary: 'run a command in a session of its own', synopsis: ['setsid [-w] COMMAND [ARG]...'],
  description: 'Makes a new session and goes on as the command.', options: [['-w, --wait', 'accepted: the command takes the place of setsid'], ['-c, -f', 'accepted']],
  async run(p) {
    const parsed = parseOptions(p, '+wcf', [none('wait', 'w'), none('ctty', 'c'), none('fork', 'f'), optional('version')]);
    if (parsed === null) return 1;
    if (parsed.operands.length === 0) return p.fail("no command specified\nTry 'setsid --help' for more information.");
    const result = await p.sys('setsid');
    if (result < 0) return p.fail(`setsid failed: ${p.strerror(result)}`);
    return p.exec(parsed.operands);
  },
});
