/** ln, after ln.c of GNU coreutils. */
import { EEXIST, ENOSPC, EROFS } from '@pmkit/mm-core/include/linux/errno';
import type { Process } from '../../process.js';
import { attempt } from '../system/attempt.js';
import { defineProgram, helpOf, none, parseOptions, required, type Definition } from '../system/define.js';
import { Asker, quote, quoteIfNeeded, sameFile, statOf } from './common.js';
import { relativePath } from './relative.js';
import { readTargets } from './target.js';

const LN: Definition = {
  path: '/bin/ln', summary: 'make links between files', synopsis: ['ln [OPTION]... [-T] TARGET LINK_NAME', 'ln [OPTION]... TARGET', 'ln [OPTION]... TARGET... DIRECTORY', 'ln [OPTION]... -t DIRECTORY TARGET...'],
  description: 'Gives a file another name, or with -s makes a file that leads to it.',
  options: [
    ['-s, --symbolic', 'make symbolic links'], ['-f, --force', 'remove what has the name'], ['-i, --interactive', 'ask first'], ['-n, --no-dereference', 'a link to a directory is replaced, not gone into'], ['-r, --relative', 'with -s: from where the link is'],
    ['-L, --logical; -P, --physical', 'of a TARGET that is a link: what it leads to, or the link'], ['-t, --target-directory DIR; -T', 'where to'], ['-v, --verbose', 'say what is linked'],
  ],
  run,
};
export const ln = defineProgram(LN);

interface Job { readonly p: Process; readonly symbolic: boolean; readonly logical: boolean; readonly how: string | undefined; readonly relative: boolean; readonly verbose: boolean; readonly asker: Asker }

async function run(p: Process): Promise<number> {
  const parsed = parseOptions(p, 'bdfinrst:vFLPS:T', [
    none('symbolic', 's'), none('force', 'f'), none('interactive', 'i'), none('no-dereference', 'n'), none('relative', 'r'), none('logical', 'L'), none('physical', 'P'), required('target-directory', 't'),
    none('no-target-directory', 'T'), none('verbose', 'v'), none('directory', 'd'),
  ]);
  if (parsed === null) return 1;
  if (parsed.has('help')) {
    p.out(helpOf(LN));
    return 0;
  }
  if (parsed.has('r') && !parsed.has('s')) return p.fail('cannot do --relative without --symbolic');
  const targets = readTargets(p, parsed, { oneWillDo: true, noDereference: parsed.has('n') });
  if (typeof targets === 'number') return targets;
  const last = (...letters: string[]): string | undefined => parsed.options.findLast(({ opt }) => letters.includes(opt))?.opt;
  const job: Job = { p, symbolic: parsed.has('s'), logical: last('L', 'P') === 'L', how: last('f', 'i'), relative: parsed.has('r'), verbose: parsed.has('v'), asker: new Asker(p) };
  let code = 0;
  for (const { from, to } of targets) if (!(await link(job, from, to))) code = 1;
  return code;
}

async function link(job: Job, from: string, to: string): Promise<boolean> {
  const { p, symbolic, logical } = job;
  const { files } = p.box;
  const source = statOf(p, from, logical);
  if (!symbolic) {
    if (typeof source === 'number') return failed(p, `failed to access ${quote(from)}: ${p.strerror(source)}`);
    if (source.type === 'directory') return failed(p, `${quoteIfNeeded(from)}: hard link not allowed for directory`);
  }
  const goOn = await makeRoom(job, from, to, source);
  if (goOn !== null) return goOn;
  const text = job.relative ? relativePath(files.canonical(p, from), files.place(p, to, 'symlink', false).path.replace(/\/[^/]*$/, '') || '/') : from;
  const existing = logical && !symbolic ? files.realpath(p, from) : from;
  const error = await attempt(() => (symbolic ? files.symlink(p, text, to) : files.link(p, existing, to)));
  if (error !== 0) return failed(p, `${messageOf(job, from, to, error)}: ${p.strerror(error)}`);
  if (job.verbose) p.out(`${quote(to)} ${symbolic ? '->' : '=>'} ${quote(text)}\n`);
  return true;
}

/** -f and -i: removes what has the name. null: go on; else the result. */
async function makeRoom({ p, how, asker, symbolic }: Job, from: string, to: string, source: ReturnType<typeof statOf>): Promise<boolean | null> {
  const there = statOf(p, to, false);
  if (how === undefined || typeof there === 'number') return null;
  if (there.type === 'directory') return failed(p, `${quoteIfNeeded(to)}: cannot overwrite directory`);
  if (typeof source !== 'number' && sameFile(source, there) && (!symbolic || p.box.files.place(p, from, 'stat', false).path === p.box.files.place(p, to, 'stat', false).path)) {
    return failed(p, `${quote(from)} and ${quote(to)} are the same file`);
  }
  if (how === 'i' && !(await asker.ask(`replace ${quote(to)}`))) return true;
  const error = await attempt(() => p.box.files.unlink(p, to));
  return error === 0 ? null : failed(p, `cannot unlink ${quote(to)}: ${p.strerror(error)}`);
}

function messageOf({ symbolic }: Job, from: string, to: string, error: number): string {
  if (symbolic) return from === '' ? `failed to create symbolic link ${quote(to)} -> ${quote(from)}` : `failed to create symbolic link ${quote(to)}`;
  return [-EEXIST, -ENOSPC, -EROFS].includes(error) ? `failed to create hard link ${quote(to)}` : `failed to create hard link ${quote(to)} => ${quote(from)}`;
}

function failed(p: Process, message: string): boolean {
  p.fail(message);
  return false;
}
