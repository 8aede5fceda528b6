/** mv, after mv.c and copy.c of GNU coreutils. */
import { EINVAL, EXDEV } from '@pmkit/mm-core/include/linux/errno';
import type { Stat } from '../../files/index.js';
import type { Process } from '../../process.js';
import { attempt } from '../system/attempt.js';
import { defineProgram, helpOf, none, parseOptions, required, type Definition } from '../system/define.js';
import { backupName, backupNote, backUp, backupsOf, BACKUP_HELP, BACKUP_OPTIONS, type Backups } from './backup.js';
import { Asker, quote, sameFile, statOf, wrongUse } from './common.js';
import { Copier } from './copy.js';
import { readTargets } from './target.js';

const MV: Definition = {
  path: '/bin/mv', summary: 'move (rename) files', synopsis: ['mv [OPTION]... [-T] SOURCE DEST', 'mv [OPTION]... SOURCE... DIRECTORY', 'mv [OPTION]... -t DIRECTORY SOURCE...'],
  description: 'Renames a file, or moves files into a directory. Between file systems they are copied and then removed.',
  options: [
    ['-f, --force', 'ask nothing'], ['-i, --interactive', 'ask before something is replaced'], ['-n, --no-clobber', 'replace nothing'], ['-u, --update', 'only what is newer, or not there'],
    ['-t, --target-directory DIR; -T', 'where to'], BACKUP_HELP, ['-v, --verbose', 'say what is done'],
  ],
  notes: ['What is replaced is removed first: the kernel model has no rename() that does both at once.'],
  run,
};
export const mv = defineProgram(MV);

interface Job { readonly p: Process; readonly how: string; readonly update: boolean; readonly verbose: boolean; readonly backups: Backups | null; readonly asker: Asker }

async function run(p: Process): Promise<number> {
  const parsed = parseOptions(p, 'bfint:uvS:TZ', [
    ...BACKUP_OPTIONS,
    none('force', 'f'), none('interactive', 'i'), none('no-clobber', 'n'), none('no-target-directory', 'T'), required('target-directory', 't'), none('update', 'u'), none('verbose', 'v'), none('strip-trailing-slashes'),
  ]);
  if (parsed === null) return 1;
  if (parsed.has('help')) {
    p.out(helpOf(MV));
    return 0;
  }
  const backups = backupsOf(p, parsed);
  if (typeof backups === 'number') return backups;
  if (parsed.has('n') && backups !== null) return wrongUse(p, 'options --backup and --no-clobber are mutually exclusive');
  const targets = readTargets(p, parsed);
  if (typeof targets === 'number') return targets;
  const how = parsed.options.findLast(({ opt }) => opt === 'f' || opt === 'i' || opt === 'n')?.opt ?? 'f';
  const job: Job = { p, how, update: parsed.has('u'), verbose: parsed.has('v'), backups, asker: new Asker(p) };
  let code = 0;
  for (const { from, to } of targets) if (!(await move(job, from, to))) code = 1;
  return code;
}

async function move(job: Job, from: string, to: string): Promise<boolean> {
  const { p, verbose, backups } = job;
  const { files } = p.box;
  const stat = statOf(p, from, false);
  if (typeof stat === 'number') return failed(p, `cannot stat ${quote(from)}: ${p.strerror(stat)}`);
  const there = statOf(p, to, false);
  if (typeof there !== 'number') {
    if (sameFile(stat, there) && stat.type !== 'directory') return failed(p, `${quote(from)} and ${quote(to)} are the same file`);
    const goOn = await mayReplace(job, from, to, stat, there);
    if (goOn !== null) return goOn;
  }
  let kept: string | null = null;
  if (typeof there !== 'number' && backups !== null) {
    const old = statOf(p, backupName(p, to, backups), false);
    if (typeof old !== 'number' && sameFile(old, stat)) return failed(p, `backing up ${quote(to)} might destroy source;  ${quote(from)} not moved`);
    kept = await backUp(p, to, backups);
    if (kept === null) return false;
  }
  const error = await attempt(() => files.rename(p, from, to));
  if (error === -EXDEV) return moveAcross(job, from, to, typeof there !== 'number' && kept === null, kept);
  if (error === -EINVAL && stat.type === 'directory') return failed(p, `cannot move ${quote(from)} to a subdirectory of itself, ${quote(to)}`);
  if (error !== 0) return failed(p, `cannot move ${quote(from)} to ${quote(to)}: ${p.strerror(error)}`);
  if (verbose) p.out(`renamed ${quote(from)} -> ${quote(to)}${backupNote(kept)}\n`);
  return true;
}

/** null: go on; else the result. */
async function mayReplace({ p, how, update, asker }: Job, from: string, to: string, stat: Stat, there: Stat): Promise<boolean | null> {
  if (how === 'n') return true;
  if (stat.type !== 'directory' && there.type === 'directory') return failed(p, `cannot overwrite directory ${quote(to)} with non-directory`);
  if (stat.type === 'directory' && there.type !== 'directory') return failed(p, `cannot overwrite non-directory ${quote(to)} with directory ${quote(from)}`);
  if (update && there.mtime >= stat.mtime) return true;
  return how === 'i' && !(await asker.ask(`overwrite ${quote(to)}`)) ? true : null;
}

async function moveAcross({ p, verbose }: Job, from: string, to: string, there: boolean, kept: string | null): Promise<boolean> {
  const { files } = p.box;
  if (there) {
    const error = await attempt(() => files.remove(p, to));
    if (error !== 0) return failed(p, `inter-device move failed: ${quote(from)} to ${quote(to)}; unable to remove target: ${p.strerror(error)}`);
  }
  const copier = new Copier(p, {
    recursive: true, follow: 'never', keep: { mode: true, owner: true, times: true }, force: true, update: false, verbose: false, removeFirst: false, noClobber: false, as: 'copy', ask: null, backups: null, installs: false,
  });
  if (!(await copier.copy(from, to))) return false;
  if (verbose) p.out(`copied ${quote(from)} -> ${quote(to)}${backupNote(kept)}\n`);
  const error = await attempt(() => files.remove(p, from, { recursive: true }));
  if (error !== 0) return failed(p, `cannot remove ${quote(from)}: ${p.strerror(error)}`);
  if (verbose) p.out(`removed ${quote(from)}\n`);
  return true;
}

function failed(p: Process, message: string): boolean {
  p.fail(message);
  return false;
}
