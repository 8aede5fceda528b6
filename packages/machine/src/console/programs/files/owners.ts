/** chmod, chown and chgrp, after chmod.c, chown.c, chgrp.c and chown-core.c of GNU coreutils. */
import { ENOENT } from '@pmkit/mm-core/include/linux/errno';
import type { Stat } from '../../files/index.js';
import type { Process } from '../../process.js';
import { Accounts } from '../system/accounts.js';
import { attempt } from '../system/attempt.js';
import { defineProgram, helpOf, none, parseOptions, required, type Definition, type Parsed } from '../system/define.js';
import { join, namesIn, quote, statOf, wrongUse } from './common.js';
import { parseMode, permissionString, type ModeChange } from './mode.js';

const LONG = [
  none('changes', 'c'), none('recursive', 'R'), none('quiet', 'f'), none('silent', 'f'), none('verbose', 'v'), required('reference', 'reference'), none('preserve-root'), none('no-preserve-root'),
  none('dereference', 'deref'), none('no-dereference', 'h'), required('from', 'from'),
] as const;
const OPTIONS = [
  ['-R, --recursive', 'directories with all below them'], ['-v, --verbose; -c, --changes', 'say what is done, or what is changed'], ['-f, --silent, --quiet', 'say less of what goes wrong'], ['--reference FILE', 'as that one has it'],
] as const;

interface Report { readonly all: boolean; readonly changes: boolean; readonly quiet: boolean }
const reportOf = (parsed: Parsed): Report => ({ all: parsed.has('v'), changes: parsed.has('c'), quiet: parsed.has('f') });

/** Acts on a file and, with `recursive`, on all below it; links below it are left alone. @returns whether all went well. */
async function throughTree(p: Process, path: string, recursive: boolean, childrenFirst: boolean, act: (path: string, stat: Stat, operand: boolean) => Promise<boolean>): Promise<boolean> {
  const visit = async (at: string, stat: Stat, operand: boolean): Promise<boolean> => {
    const below = async (): Promise<boolean> => {
      if (!recursive || stat.type !== 'directory') return true;
      const names = namesIn(p, at);
      if (typeof names === 'number') {
        p.fail(`cannot read directory ${quote(at)}: ${p.strerror(names)}`);
        return false;
      }
      let fine = true;
      for (const name of names) {
        const child = statOf(p, join(at, name), false);
        if (typeof child !== 'number' && !(await visit(join(at, name), child, false))) fine = false;
      }
      return fine;
    };
    if (!childrenFirst) return (await act(at, stat, operand)) && below();
    const fine = await below();
    return (await act(at, stat, operand)) && fine;
  };
  return visit(path, statOf(p, path, !recursive) as Stat, true);
}

const CHMOD: Definition = {
  path: '/bin/chmod', summary: 'change modes of files', synopsis: ['chmod [OPTION]... MODE[,MODE]... FILE...', 'chmod [OPTION]... --reference=RFILE FILE...'],
  description: 'A mode is octal, or clauses like u+rw,go-x: who of u g o a, then + - or =, then letters of rwxXst or one of u g o.', options: OPTIONS, run: chmod,
};

async function chmod(p: Process): Promise<number> {
  // A mode may begin with a minus, so that it looks like options.
  const words = p.argv.slice(1);
  const end = words.indexOf('--') < 0 ? words.length : words.indexOf('--');
  const at = words.findIndex((word, index) => index < end && /^-[rwxXstugoa,+=0-7-]+$/.test(word) && !word.startsWith('--'));
  const minus = at < 0 ? undefined : words[at];
  p.argv = [p.name, ...words.filter((_word, index) => index !== at || minus === undefined)];
  const parsed = parseOptions(p, 'Rcfv', LONG);
  if (parsed === null) return 1;
  if (parsed.has('help')) {
    p.out(helpOf(CHMOD));
    return 0;
  }
  const operands = [...parsed.operands];
  const reference = parsed.value('reference');
  const text = reference === undefined ? minus ?? operands.shift() : '';
  if (text === undefined || (operands.length === 0 && reference !== undefined)) return wrongUse(p, 'missing operand');
  if (operands.length === 0) return wrongUse(p, `missing operand after ${quote(text)}`);
  let change: ModeChange | null;
  if (reference === undefined) change = parseMode(text);
  else {
    const model = statOf(p, reference);
    if (typeof model === 'number') return p.fail(`failed to get attributes of ${quote(reference)}: ${p.strerror(model)}`);
    change = () => model.mode;
  }
  if (change === null) return wrongUse(p, `invalid mode: ${quote(text)}`);
  let code = 0;
  for (const path of operands) if (!(await chmodOperand(p, path, change, parsed, minus))) code = 1;
  return code;
}

async function chmodOperand(p: Process, path: string, change: ModeChange, parsed: Parsed, minus: string | undefined): Promise<boolean> {
  const report = reportOf(parsed);
  const stat = statOf(p, path);
  if (typeof stat === 'number') {
    const dangling = stat === -ENOENT && typeof statOf(p, path, false) !== 'number';
    if (!report.quiet) p.fail(dangling ? `cannot operate on dangling symlink ${quote(path)}` : `cannot access ${quote(path)}: ${p.strerror(stat)}`);
    if (report.all) p.out(dangling ? `${quote(path)} could not be accessed\n` : `failed to change mode of ${quote(path)} from 0000 (---------) to 0000 (---------)\n`);
    return false;
  }
  return throughTree(p, path, parsed.has('R'), false, async (at, is, operand) => {
    if (is.type === 'link' && !operand) return true;
    const old = is.type === 'link' ? stat.mode : is.mode;
    const wanted = change(old, is.type === 'directory');
    const error = await attempt(() => p.box.files.chmod(p, at, wanted));
    const text = (mode: number): string => `${mode.toString(8).padStart(4, '0')} (${permissionString(mode)})`;
    if (error !== 0) {
      if (!report.quiet) p.fail(`changing permissions of ${quote(at)}: ${p.strerror(error)}`);
      if (report.all) p.out(`failed to change mode of ${quote(at)} from ${text(old)} to ${text(wanted)}\n`);
      return false;
    }
    if (old !== wanted && (report.all || report.changes)) p.out(`mode of ${quote(at)} changed from ${text(old)} to ${text(wanted)}\n`);
    else if (report.all) p.out(`mode of ${quote(at)} retained as ${text(old)}\n`);
    // What the umask has kept `-x` from taking away would surprise.
    const plain = minus === undefined ? wanted : parseMode(`a${minus}`)?.(old, is.type === 'directory') ?? wanted;
    if (plain === wanted) return true;
    p.fail(`${at}: new permissions are ${permissionString(wanted)}, not ${permissionString(plain)}`);
    return false;
  });
}

const CHOWN: Definition = {
  path: '/bin/chown', summary: 'change owners and groups of files', synopsis: ['chown [OPTION]... [OWNER][:[GROUP]] FILE...', 'chown [OPTION]... --reference=RFILE FILE...'],
  description: 'Owners and groups are names of /etc/passwd and /etc/group, or numbers. OWNER: with nothing behind the colon is also the group that the user logs in with.', options: OPTIONS, run: p => changeOwner(p, CHOWN),
  notes: ['A link is gone through; with -R, links below are left as they are.'],
};
const CHGRP: Definition = {
  path: '/bin/chgrp', summary: 'change groups of files', synopsis: ['chgrp [OPTION]... GROUP FILE...', 'chgrp [OPTION]... --reference=RFILE FILE...'],
  description: 'The group is a name of /etc/group, or a number.', options: OPTIONS, run: p => changeOwner(p, CHGRP),
};

/** Who files are given to: -1 for who stays. `words`: as it was said, for reports. */
interface Owners { readonly uid: number; readonly gid: number; readonly user: string | null; readonly group: string | null }

async function changeOwner(p: Process, definition: Definition): Promise<number> {
  const parsed = parseOptions(p, 'HLPRcfhv', LONG);
  if (parsed === null) return 1;
  if (parsed.has('help')) {
    p.out(helpOf(definition));
    return 0;
  }
  const accounts = await Accounts.read(p);
  const operands = [...parsed.operands];
  const reference = parsed.value('reference');
  const text = reference === undefined ? operands.shift() : '';
  if (text === undefined || (operands.length === 0 && reference !== undefined)) return wrongUse(p, 'missing operand');
  if (operands.length === 0) return wrongUse(p, `missing operand after ${quote(text)}`);
  const owners = reference === undefined ? readOwners(p, accounts, text, definition === CHGRP) : ownersOf(p, accounts, reference, definition === CHGRP);
  if (owners === null) return 1;
  let code = 0;
  for (const path of operands) {
    const stat = statOf(p, path);
    if (typeof stat === 'number') {
      if (!parsed.has('f')) p.fail(`cannot access ${quote(path)}: ${p.strerror(stat)}`);
      code = 1;
    } else if (!(await throughTree(p, path, parsed.has('R'), true, (at, is, operand) => give(p, accounts, at, is.type === 'link' && operand ? stat : is, owners, reportOf(parsed), definition === CHGRP)))) code = 1;
  }
  return code;
}

/** `user`, `user:group`, `user:`, `:group`, also with a dot; null after a message. */
function readOwners(p: Process, accounts: Accounts, text: string, groupOnly: boolean): Owners | null {
  if (groupOnly) {
    const gid = groupId(accounts, text);
    if (gid === undefined && text !== '') p.fail(`invalid group: ${quote(text)}`);
    return gid === undefined && text !== '' ? null : { uid: -1, gid: gid ?? -1, user: null, group: text };
  }
  const separator = text.includes(':') || accounts.user(text) !== undefined ? ':' : '.';
  const [userText = '', groupText] = text.includes(separator) ? [text.slice(0, text.indexOf(separator)), text.slice(text.indexOf(separator) + 1)] : [text];
  const user = accounts.user(userText);
  const uid = userText === '' ? -1 : user?.uid ?? (/^\d+$/.test(userText) ? Number(userText) : undefined);
  // A number has no group to log in with.
  if (uid === undefined || (groupText === '' && userText !== '' && user?.name !== userText)) {
    p.fail(uid === undefined ? `invalid user: ${quote(text)}` : `invalid spec: ${quote(text)}`);
    return null;
  }
  const gid = groupText === undefined ? -1 : groupText === '' ? (userText === '' ? -1 : user!.gid) : groupId(accounts, groupText);
  if (gid === undefined) {
    p.fail(`invalid group: ${quote(text)}`);
    return null;
  }
  if (groupText !== undefined && separator === '.') p.err(`${p.name}: warning: '.' should be ':': ${quote(text)}\n`);
  return { uid, gid, user: userText === '' ? null : userText, group: gid === -1 ? null : groupText === '' ? accounts.groupName(gid) ?? String(gid) : groupText! };
}

const groupId = (accounts: Accounts, text: string): number | undefined => accounts.group(text)?.gid ?? (/^\d+$/.test(text) ? Number(text) : undefined);

function ownersOf(p: Process, accounts: Accounts, reference: string, groupOnly: boolean): Owners | null {
  const model = statOf(p, reference);
  if (typeof model === 'number') {
    p.fail(`failed to get attributes of ${quote(reference)}: ${p.strerror(model)}`);
    return null;
  }
  const { uid, gid } = model;
  return { uid: groupOnly ? -1 : uid, gid, user: groupOnly ? null : accounts.userName(uid) ?? String(uid), group: accounts.groupName(gid) ?? String(gid) };
}

async function give(p: Process, accounts: Accounts, path: string, is: Stat, owners: Owners, report: Report, groupOnly: boolean): Promise<boolean> {
  if (is.type === 'link') return true;
  const { uid, gid, user, group } = owners;
  const error = await attempt(() => p.box.files.chown(p, path, uid, gid));
  const what = groupOnly ? 'group' : 'ownership';
  if (error !== 0 && !report.quiet) p.fail(`changing ${what} of ${quote(path)}: ${p.strerror(error)}`);
  const changed = (uid !== -1 && uid !== is.uid) || (gid !== -1 && gid !== is.gid);
  if (!report.all && !(report.changes && changed && error === 0)) return error === 0;
  const oldUser = accounts.userName(is.uid) ?? String(is.uid);
  const oldGroup = accounts.groupName(is.gid) ?? String(is.gid);
  const spec = (forUser: string, forGroup: string): string => (user === null ? (group === null ? '' : groupOnly ? forGroup : `:${forGroup}`) : group === null ? forUser : `${forUser}:${forGroup}`);
  const from = groupOnly ? oldGroup : group === null ? oldUser : `${oldUser}:${oldGroup}`;
  const to = spec(user ?? '', group ?? '');
  if (error !== 0) p.out(`failed to change ${what} of ${quote(path)} from ${from} to ${to}\n`);
  else if (changed) p.out(`changed ${what} of ${quote(path)} from ${from} to ${to}\n`);
  else p.out(to === '' ? `ownership of ${quote(path)} retained\n` : `${what} of ${quote(path)} retained as ${spec(oldUser, oldGroup)}\n`);
  return error === 0;
}

export const ownerPrograms = [defineProgram(CHMOD), defineProgram(CHOWN), defineProgram(CHGRP)];
