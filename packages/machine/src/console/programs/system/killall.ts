/** killall (psmisc): a signal to all processes of a name. */
import { signalNumber, SIGNALS } from '../../signals.js';
import type { Process } from '../../process.js';
import { Accounts } from './accounts.js';
import { defineProgram, helpOf, none, parseOptions, required, type Definition, type Parsed } from './define.js';
import { processes, type Proc } from './proc.js';

const KILLALL: Definition = {
  path: '/usr/bin/killall', summary: 'send a signal to processes by name', synopsis: ['killall [-SIGNAL] [-eqrvw] [-u USER] NAME...', 'killall -l'],
  description: 'Sends SIGTERM, or the signal named, to all processes that run a program of one of the names. Exit code 1: of one name there was none, or none could be signalled.',
  options: [
    ['-SIGNAL, -s SIGNAL', 'the signal'], ['-r, --regexp', 'names are regular expressions'], ['-u, --user USER', 'only this user\'s processes'], ['-w, --wait', 'wait until all are gone'], ['-q, --quiet', 'no word of names that nobody runs'],
    ['-v, --verbose', 'say who was signalled'], ['-e, -I', 'accepted; -I: capital and small letters are the same'], ['-l, --list', 'names of signals'],
  ],
  run,
};
export const killall = defineProgram(KILLALL);

async function run(p: Process): Promise<number> {
  const at = p.argv.findIndex((word, i) => i > 0 && /^-[A-Z0-9]{2,}$|^-\d$/.test(word) && signalNumber(word.slice(1)) !== undefined);
  const word = at < 0 ? undefined : p.argv[at]!.slice(1);
  if (at >= 0) p.argv = p.argv.filter((_word, i) => i !== at);
  const parsed = parseOptions(p, 's:eqrvwu:lI', [required('signal', 's'), none('regexp', 'r'), required('user', 'u'), none('wait', 'w'), none('quiet', 'q'), none('verbose', 'v'), none('exact', 'e'), none('list', 'l'), none('ignore-case', 'I')]);
  if (parsed === null) return 1;
  if (parsed.has('help')) {
    p.out(helpOf(KILLALL));
    return 0;
  }
  if (parsed.has('l')) {
    p.out(`${SIGNALS.map(([, name]) => name).join(' ')}\n`);
    return 0;
  }
  const signal = signalNumber(parsed.value('s') ?? word ?? 'TERM');
  if (signal === undefined) {
    p.err(`${parsed.value('s')!}: unknown signal; killall -l lists signals.\n`);
    return 1;
  }
  if (parsed.operands.length === 0) {
    p.err(`Usage: ${KILLALL.synopsis[0]!}\n`);
    return 1;
  }
  return signalAll(p, parsed, signal);
}

async function signalAll(p: Process, parsed: Parsed, signal: number): Promise<number> {
  const user = parsed.value('u');
  const uid = user === undefined ? undefined : (await Accounts.read(p)).user(user)?.uid;
  if (user !== undefined && uid === undefined) return p.fail(`Cannot find user ${user}`);
  const candidates = (await processes(p)).filter(proc => proc.pid !== p.pid && proc.state !== 'Z' && (uid === undefined || proc.uid[0] === uid));
  const signalled: Proc[] = [];
  let exitCode = 0;
  for (const name of parsed.operands) {
    const matches = matcherOf(name, parsed);
    const found = matches === null ? [] : candidates.filter(({ comm }) => matches(comm));
    if (matches === null) p.err(`killall: Bad regular expression: ${name}\n`);
    else if (found.length === 0 && !parsed.has('q')) p.err(`${name}: no process found\n`);
    let sent = 0;
    for (const proc of found) {
      const result = await p.sys('kill', proc.pid, signal);
      if (result !== 0) p.err(`${proc.comm}(${proc.pid}): ${p.strerror(result)}\n`);
      else {
        sent++;
        signalled.push(proc);
        if (parsed.has('v')) p.err(`Killed ${proc.comm}(${proc.pid}) with signal ${signal}\n`);
      }
    }
    if (sent === 0) exitCode = 1;
  }
  while (parsed.has('w') && (await processes(p, signalled.map(({ pid }) => pid))).some(({ state }) => state !== 'Z')) await p.sleep(1000);
  return exitCode;
}

/** Whether a name is meant; null for what is no regular expression. */
function matcherOf(name: string, parsed: Parsed): ((comm: string) => boolean) | null {
  const flags = parsed.has('I') ? 'i' : '';
  if (!parsed.has('r')) {
    const base = name.slice(name.lastIndexOf('/') + 1).slice(0, TASK_COMM_LEN - 1);
    return comm => (flags === 'i' ? comm.toLowerCase() === base.toLowerCase() : comm === base);
  }
  try {
    const pattern = new RegExp(name, flags);
    return comm => pattern.test(comm);
  } catch {
    return null;
  }
}
/** The kernel keeps so much of a name, with the byte that ends it. */
const TASK_COMM_LEN = 16;
