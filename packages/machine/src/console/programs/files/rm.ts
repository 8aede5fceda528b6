/** rm, after rm.c and remove.c of GNU coreutils. */
import { EISDIR, ENOENT, ENOTDIR } from '@pmkit/mm-core/include/linux/errno';
import { MAY_WRITE } from '@pmkit/mm-core/include/linux/fs';
import type { Stat } from '../../files/index.js';
import type { Process } from '../../process.js';
import { attempt } from '../system/attempt.js';
import { defineProgram, helpOf, none, optional, parseOptions, type Definition } from '../system/define.js';
import { Asker, baseName, join, namesIn, quote, statOf, wrongUse } from './common.js';
import { kindOf } from './kind.js';

const RM: Definition = {
  path: '/bin/rm', summary: 'remove files or directories', synopsis: ['rm [OPTION]... [FILE]...'], description: 'Removes each FILE: a name of it, and what is in it when no other name is left and nobody has it open.',
  options: [
    ['-f, --force', 'what is not there is no error, and nothing is asked'], ['-i', 'ask before each'], ['-I', 'ask once when there are more than three, or with -r'], ['-r, -R, --recursive', 'directories too, with all below them'],
    ['-d, --dir', 'empty directories too'], ['-v, --verbose', 'say what is removed'], ['--one-file-system', 'accepted'], ['--preserve-root, --no-preserve-root', 'whether / is refused'],
  ],
  notes: ['As standard input is no terminal, a file that is write-protected is removed without a question. Files of /proc, /sys and /dev/cpuset cannot be removed: Operation not permitted.'],
  run,
};
export const rm = defineProgram(RM);

interface Job {
  readonly p: Process;
  readonly force: boolean;
  readonly recursive: boolean;
  readonly directories: boolean;
  readonly verbose: boolean;
  readonly ask: ((question: string) => Promise<boolean>) | null;
}

async function run(p: Process): Promise<number> {
  const parsed = parseOptions(p, 'dfirvIR', [
    none('force', 'f'), optional('interactive', 'interactive'), none('one-file-system'), none('no-preserve-root', 'all'), none('preserve-root'), none('recursive', 'r'), none('dir', 'd'), none('verbose', 'v'),
  ]);
  if (parsed === null) return 1;
  if (parsed.has('help')) {
    p.out(helpOf(RM));
    return 0;
  }
  // Of -f, -i and -I the last counts.
  const how = parsed.options.findLast(({ opt }) => ['f', 'i', 'I', 'interactive'].includes(opt));
  const when = how?.opt === 'interactive' ? { never: 'f', none: 'f', no: 'f', once: 'I' }[how.arg ?? ''] ?? 'i' : how?.opt;
  const { operands } = parsed;
  if (operands.length === 0) return when === 'f' ? 0 : wrongUse(p, 'missing operand');
  const asker = new Asker(p);
  const recursive = parsed.has('r', 'R');
  if (when === 'I' && (recursive || operands.length > 3)) {
    if (!(await asker.ask(`remove ${operands.length} argument${operands.length === 1 ? '' : 's'}${recursive ? ' recursively' : ''}`))) return 0;
  }
  const job: Job = { p, force: when === 'f', recursive, directories: parsed.has('d'), verbose: parsed.has('v'), ask: when === 'i' ? question => asker.ask(question) : null };
  let code = 0;
  for (const path of operands) if (!(await removeOperand(job, path, parsed.has('all')))) code = 1;
  return code;
}

async function removeOperand(job: Job, path: string, evenRoot: boolean): Promise<boolean> {
  const { p } = job;
  const name = baseName(path);
  const stat = statOf(p, path, false);
  if (typeof stat !== 'number' && stat.type === 'directory' && job.recursive) {
    if (name === '.' || name === '..') {
      p.fail(`refusing to remove '.' or '..' directory: skipping ${quote(path.replace(/(?<=.)\/+$/, ''))}`);
      return false;
    }
    if (!evenRoot && p.box.files.realpath(p, path) === '/') {
      p.err(`${p.name}: it is dangerous to operate recursively on ${path === '/' ? "'/'" : `${quote(path)} (same as '/')`}\n${p.name}: use --no-preserve-root to override this failsafe\n`);
      return false;
    }
  }
  return remove(job, path, stat);
}

async function remove(job: Job, path: string, stat: Stat | number): Promise<boolean> {
  const { p, ask, force } = job;
  if (typeof stat === 'number') return (force && (stat === -ENOENT || stat === -ENOTDIR)) || refused(p, path, stat);
  if (stat.type !== 'directory') {
    if (ask !== null && !(await ask(`remove ${kindOf(stat, true, p.box.files.access(p, path, MAY_WRITE))} ${quote(path)}`))) return true;
    return done(job, path, 'removed', await attempt(() => p.box.files.unlink(p, path)));
  }
  if (!job.recursive && !job.directories) return refused(p, path, -EISDIR);
  return removeDirectory(job, path);
}

/** With what is in it, when all of that can go. */
async function removeDirectory(job: Job, path: string): Promise<boolean> {
  const { p, ask } = job;
  let all = true;
  const names = job.recursive ? namesIn(p, path) : [];
  if (typeof names === 'number') return refused(p, path, names);
  if (names.length > 0) {
    if (ask !== null && !(await ask(`descend into directory ${quote(path)}`))) return true;
    for (const name of names) {
      const below = join(path, name);
      if (!(await remove(job, below, statOf(p, below, false)))) all = false;
    }
  }
  if (!all) return false;
  if (ask !== null && !(await ask(`remove directory ${quote(path)}`))) return true;
  return done(job, path, 'removed directory', await attempt(() => p.box.files.rmdir(p, path)));
}

function done({ p, verbose }: Job, path: string, what: string, error: number): boolean {
  if (error !== 0) return refused(p, path, error);
  if (verbose) p.out(`${what} ${quote(path)}\n`);
  return true;
}
function refused(p: Process, path: string, error: number): boolean {
  p.fail(`cannot remove ${quote(path)}: ${p.strerror(error)}`);
  return false;
}
