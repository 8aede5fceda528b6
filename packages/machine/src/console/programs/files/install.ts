/** install, after install.c of GNU coreutils 9.1. */
import type { Process } from '../../process.js';
import { Accounts } from '../system/accounts.js';
import { attempt } from '../system/attempt.js';
import { defineProgram, none, required, type Definition, type Parsed } from '../system/define.js';
import { begin } from '../text/input.js';
import { backupsOf, BACKUP_HELP, BACKUP_OPTIONS } from './backup.js';
import { isDirectory, quote, wrongUse } from './common.js';
import { Copier } from './copy.js';
import { modeOfNothing } from './mode.js';
import { readTargets } from './target.js';

const INSTALL: Definition = {
  path: '/usr/bin/install', summary: 'copy files and set attributes', synopsis: ['install [OPTION]... [-T] SOURCE DEST', 'install [OPTION]... SOURCE... DIRECTORY', 'install [OPTION]... -t DIRECTORY SOURCE...', 'install [OPTION]... -d DIRECTORY...'],
  description: 'Copies files with a mode and an owner of their own, in the place of what is there; or makes directories.',
  options: [
    ['-d, --directory', 'make directories, with those above them'], ['-D', 'make what directories the destination needs'], ['-m, --mode MODE', 'default rwxr-xr-x'], ['-o, --owner NAME; -g, --group NAME', 'whose they are'], ['-p, --preserve-timestamps', 'keep times'], BACKUP_HELP,
    ['-t, --target-directory DIR; -T', 'where to'], ['-v, --verbose', 'say what is done'], ['-c; -s, --strip', 'accepted'],
  ],
  run,
};
export const install = defineProgram(INSTALL);

/** -1: as it comes. */
interface Finish { readonly mode: number; readonly uid: number; readonly gid: number }

async function run(p: Process): Promise<number> {
  const parsed = begin(p, INSTALL, 'bcdDg:m:o:pst:TvS:', [
    ...BACKUP_OPTIONS, none('directory', 'd'), required('group', 'g'), required('mode', 'm'), required('owner', 'o'), none('preserve-timestamps', 'p'), none('strip', 's'), required('target-directory', 't'), none('no-target-directory', 'T'), none('verbose', 'v'),
  ]);
  if (typeof parsed === 'number') return parsed;
  const backups = backupsOf(p, parsed);
  if (typeof backups === 'number') return backups;
  const finish = await finishOf(p, parsed);
  if (typeof finish === 'number') return finish;
  let code = 0;
  if (parsed.has('d')) {
    if (parsed.operands.length === 0) return wrongUse(p, 'missing file operand');
    for (const path of parsed.operands) if (!(await makeDirectories(p, path, parsed.has('v')) && await complete(p, path, finish))) code = 1;
    return code;
  }
  if (parsed.has('D')) for (const directory of neededBy(parsed)) if (!(await makeDirectories(p, directory, parsed.has('v')))) return 1;
  const targets = readTargets(p, parsed);
  if (typeof targets === 'number') return targets;
  const copier = new Copier(p, {
    recursive: false, follow: 'always', keep: { mode: false, owner: false, times: parsed.has('p') }, force: false, update: false, verbose: parsed.has('v'), removeFirst: true, noClobber: false, as: 'copy', ask: null, backups, installs: true,
  });
  for (const { from, to } of targets) if (!((await copier.copy(from, to)) && (await complete(p, to, finish)))) code = 1;
  return code;
}

async function finishOf(p: Process, parsed: Parsed): Promise<Finish | number> {
  const text = parsed.value('m');
  const mode = text === undefined ? 0o755 : modeOfNothing(text);
  if (mode === null) return p.fail(`invalid mode ${quote(text!)}`);
  const accounts = await Accounts.read(p);
  const owner = parsed.value('o');
  const group = parsed.value('g');
  const uid = owner === undefined ? -1 : accounts.user(owner)?.uid ?? (/^\d+$/.test(owner) ? Number(owner) : null);
  if (uid === null) return p.fail(`invalid user ${quote(owner!)}`);
  const gid = group === undefined ? -1 : accounts.group(group)?.gid ?? (/^\d+$/.test(group) ? Number(group) : null);
  return gid === null ? p.fail(`invalid group ${quote(group!)}`) : { mode, uid, gid };
}

/** -D: the directory of -t, or that of the last operand. */
function neededBy(parsed: Parsed): string[] {
  const directory = parsed.value('t');
  if (directory !== undefined) return [directory];
  const last = parsed.operands.length === 2 ? parsed.operands[1]! : '';
  return last.includes('/') ? [last.slice(0, last.lastIndexOf('/'))] : [];
}

/** @returns false after a message. */
async function makeDirectories(p: Process, path: string, verbose: boolean): Promise<boolean> {
  for (const found of path.matchAll(/[^/]+/g)) {
    const at = path.slice(0, found.index + found[0].length);
    if (isDirectory(p, at)) continue;
    const error = await attempt(() => p.box.files.mkdir(p, at, 0o755));
    if (error !== 0) {
      p.fail(`cannot create directory ${quote(at)}: ${p.strerror(error)}`);
      return false;
    }
    if (verbose) p.out(`${p.name}: creating directory ${quote(at)}\n`);
  }
  return true;
}

/** change_attributes(): owner, then mode. */
async function complete(p: Process, path: string, { mode, uid, gid }: Finish): Promise<boolean> {
  const { files } = p.box;
  let error = uid === -1 && gid === -1 ? 0 : await attempt(() => files.chown(p, path, uid, gid));
  if (error !== 0) p.fail(`cannot change ownership of ${quote(path)}: ${p.strerror(error)}`);
  const changed = await attempt(() => files.chmod(p, path, mode));
  if (changed !== 0) p.fail(`cannot change permissions of ${quote(path)}: ${p.strerror(changed)}`);
  error ||= changed;
  return error === 0;
}
