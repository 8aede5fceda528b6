/** cp, after cp.c of GNU coreutils; what it copies with is copy.ts. */
import type { Process } from '../../process.js';
import { defineProgram, helpOf, none, optional, parseOptions, required, type Definition, type Parsed } from '../system/define.js';
import { backupsOf, BACKUP_HELP, BACKUP_OPTIONS } from './backup.js';
import { Asker, isDirectory, join, quote, wrongUse } from './common.js';
import { Copier, type CopyOptions } from './copy.js';
import { attempt } from '../system/attempt.js';
import { readTargets } from './target.js';

const CP: Definition = {
  path: '/bin/cp', summary: 'copy files and directories', synopsis: ['cp [OPTION]... [-T] SOURCE DEST', 'cp [OPTION]... SOURCE... DIRECTORY', 'cp [OPTION]... -t DIRECTORY SOURCE...'],
  description: 'Copies a file, or files into a directory. A file of /proc, /sys or /dev/cpuset is copied by what it says; a copy of a program is a program.',
  options: [
    ['-r, -R, --recursive', 'directories with all below them'], ['-a, --archive', 'as -dR --preserve=all'], ['-p, --preserve[=LIST]', 'keep mode, owner and times'], ['-d, -P, --no-dereference', 'a link is copied as a link'],
    ['-L, --dereference, -H', 'what a link leads to is copied'], ['-f, --force', 'remove what cannot be written to, and try again'], ['-i, --interactive', 'ask before something is replaced'], ['-n, --no-clobber', 'replace nothing'],
    ['-u, --update', 'only what is newer, or not there'], ['-l, --link; -s, --symbolic-link', 'link instead of copying'], ['--parents', 'with the directories of the source'], ['-t, --target-directory DIR; -T', 'where to'],
    ['--remove-destination', 'remove what is there first'], ['-v, --verbose', 'say what is done'], BACKUP_HELP, ['--sparse, --reflink, -x', 'accepted'],
  ],
  notes: ['The mode of a new file is that of the source, less the umask.'],
  run,
};
export const cp = defineProgram(CP);

async function run(p: Process): Promise<number> {
  const parsed = parseOptions(p, 'abdfHilLnprst:uvxPRTS:Z', [
    ...BACKUP_OPTIONS, none('archive', 'a'), none('dereference', 'L'), none('force', 'f'), none('interactive', 'i'), none('link', 'l'), none('no-clobber', 'n'), none('no-dereference', 'P'), none('no-target-directory', 'T'), none('one-file-system', 'x'),
    none('parents'), optional('preserve', 'preserve'), required('no-preserve'), none('recursive', 'R'), none('remove-destination'), none('symbolic-link', 's'), required('target-directory', 't'), none('update', 'u'), none('verbose', 'v'),
    required('sparse'), optional('reflink'), none('attributes-only'),
  ]);
  if (parsed === null) return 1;
  if (parsed.has('help')) {
    p.out(helpOf(CP));
    return 0;
  }
  const backups = backupsOf(p, parsed);
  if (typeof backups === 'number') return backups;
  if (parsed.has('n') && backups !== null) return wrongUse(p, 'options --backup and --no-clobber are mutually exclusive');
  const withParents = parsed.has('parents');
  const targets = readTargets(p, parsed, withParents ? { nameOf: from => from.replace(/^\/+|\/+$/g, '') } : {});
  if (typeof targets === 'number') return targets;
  const copier = new Copier(p, { ...optionsOf(p, parsed), backups, installs: false });
  let code = 0;
  for (const { from, to } of targets) {
    if (withParents && !(await makeParents(p, to, parsed.has('v')))) code = 1;
    else if (!(await copier.copy(from, to))) code = 1;
  }
  return code;
}

function optionsOf(p: Process, parsed: Parsed): Omit<CopyOptions, 'backups' | 'installs'> {
  const recursive = parsed.has('r', 'R', 'a');
  const asker = new Asker(p);
  // Of -L, -P, -H the last counts; -a and -d bring -P.
  const links = parsed.options.findLast(({ opt }) => ['L', 'P', 'd', 'a', 'H'].includes(opt))?.opt;
  const listed = parsed.options.filter(({ opt }) => opt === 'preserve').flatMap(({ arg }) => (arg ?? 'mode,ownership,timestamps').split(','));
  const all = parsed.has('a', 'p') || listed.includes('all');
  return {
    recursive, follow: links === 'L' ? 'always' : links === 'H' ? 'operands' : links !== undefined || recursive ? 'never' : 'always',
    keep: { mode: all || listed.includes('mode'), owner: all || listed.includes('ownership'), times: all || listed.includes('timestamps') },
    force: parsed.has('f'), update: parsed.has('u'), verbose: parsed.has('v'), removeFirst: parsed.has('remove-destination'), noClobber: parsed.has('n'),
    as: parsed.has('l') ? 'link' : parsed.has('s') ? 'symlink' : 'copy', ask: parsed.has('i') && !parsed.has('n') ? question => asker.ask(question) : null,
  };
}

/** --parents: the directories above it. */
async function makeParents(p: Process, path: string, verbose: boolean): Promise<boolean> {
  const names = path.split('/').slice(0, -1);
  let at = path.startsWith('/') ? '/' : '.';
  for (const name of names) {
    if (name === '' || name === '.') continue;
    at = at === '.' ? name : join(at, name);
    if (isDirectory(p, at)) continue;
    const error = await attempt(() => p.box.files.mkdir(p, at));
    if (error !== 0) {
      p.fail(`cannot make directory ${quote(at)}: ${p.strerror(error)}`);
      return false;
    }
    if (verbose) p.out(`${at.split('/').at(-1)!} -> ${at}\n`);
  }
  return true;
}
