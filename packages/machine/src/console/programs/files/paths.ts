/** readlink and realpath, after readlink.c, realpath.c and canonicalize.c of GNU coreutils and gnulib. */
import { ELOOP, ENOENT, ENOTDIR } from '@pmkit/mm-core/include/linux/errno';
import { FileError } from '../../files/index.js';
import type { Process } from '../../process.js';
import { defineProgram, helpOf, none, parseOptions, required, type Definition } from '../system/define.js';
import { join, quoteIfNeeded, statOf, wrongUse } from './common.js';
import { relativePath } from './relative.js';

/** What of a path must be there: all, all but the last component, nothing. */
type Mode = 'existing' | 'all-but-last' | 'missing';
const MAX_LINKS = 40;

/** The path without links, `.` and `..`; a negative errno when something that must be there is not. `links`: false leaves links as they are. */
function canonicalize(p: Process, path: string, mode: Mode, links = true): string | number {
  if (path === '') return -ENOENT;
  const rest = (path.startsWith('/') ? path : `${p.cwd}/${path}`).split('/').reverse();
  let at = '';
  let followed = 0;
  while (rest.length > 0) {
    const name = rest.pop()!;
    if (name === '' || name === '.') continue;
    if (name === '..') {
      at = at.slice(0, Math.max(0, at.lastIndexOf('/')));
      continue;
    }
    const next = `${at}/${name}`;
    const more = rest.some(one => one !== '' && one !== '.');
    const stat = statOf(p, next, false);
    if (typeof stat === 'number') {
      if (mode === 'existing' || (mode === 'all-but-last' && (more || stat !== -ENOENT))) return stat;
    } else if (stat.type === 'link' && links) {
      if (++followed > MAX_LINKS) return -ELOOP;
      const target = readLink(p, next);
      if (typeof target === 'number') return target;
      rest.push(...target.split('/').reverse());
      if (target.startsWith('/')) at = '';
      continue;
    } else if ((more || (path.endsWith('/') && stat.type !== 'link')) && stat.type !== 'directory' && stat.type !== 'link' && mode !== 'missing') return -ENOTDIR;
    at = next;
  }
  return at === '' ? '/' : at;
}

function readLink(p: Process, path: string): string | number {
  try {
    return p.box.files.readlink(p, path);
  } catch (error) {
    if (error instanceof FileError) return -error.errno;
    throw error;
  }
}

const READLINK: Definition = {
  path: '/bin/readlink', summary: 'show where links lead', synopsis: ['readlink [OPTION]... FILE...'], description: 'Prints the text of a symbolic link, or a path without any.',
  options: [['-f; -e; -m, --canonicalize…', 'the path without links: all but the last component must be there; all must; nothing must'], ['-n, --no-newline', 'no newline at the end'], ['-z, --zero', 'a NUL at the end'], ['-q, -s, --quiet; -v, --verbose', 'whether errors are told']],
  run: readlink,
};

function readlink(p: Process): number {
  const parsed = parseOptions(p, 'efmnqsvz', [
    none('canonicalize', 'f'), none('canonicalize-existing', 'e'), none('canonicalize-missing', 'm'), none('no-newline', 'n'), none('quiet', 'q'), none('silent', 'q'), none('verbose', 'v'), none('zero', 'z'),
  ]);
  if (parsed === null) return 1;
  if (parsed.has('help')) {
    p.out(helpOf(READLINK));
    return 0;
  }
  const { operands } = parsed;
  if (operands.length === 0) return wrongUse(p, 'missing operand');
  let noNewline = parsed.has('n');
  if (noNewline && operands.length > 1) {
    p.err(`${p.name}: ignoring --no-newline with multiple arguments\n`);
    noNewline = false;
  }
  const how = parsed.options.findLast(({ opt }) => ['e', 'f', 'm'].includes(opt))?.opt;
  let code = 0;
  for (const path of operands) {
    const found = how === undefined ? readLink(p, path) : canonicalize(p, path, ({ e: 'existing', f: 'all-but-last', m: 'missing' } as const)[how as 'e']);
    if (typeof found === 'string') p.out(`${found}${noNewline ? '' : parsed.has('z') ? '\0' : '\n'}`);
    else {
      code = 1;
      if (parsed.has('v')) p.fail(`${quoteIfNeeded(path)}: ${p.strerror(found)}`);
    }
  }
  return code;
}

const REALPATH: Definition = {
  path: '/usr/bin/realpath', summary: 'print paths without links', synopsis: ['realpath [OPTION]... FILE...'], description: 'Prints the absolute path of each FILE without links and dots. All but its last component must be there.',
  options: [['-e; -m', 'all must be there; nothing must'], ['-s, --no-symlinks; -L; -P', 'whether links are left as they are'], ['-q, --quiet', 'say nothing of what goes wrong'], ['--relative-to=DIR; --relative-base=DIR', 'seen from there'], ['-z, --zero', 'a NUL at the end']],
  run: realpath,
};

function realpath(p: Process): number {
  const parsed = parseOptions(p, 'eLmPqsz', [
    none('canonicalize-existing', 'e'), none('canonicalize-missing', 'm'), required('relative-to', 'to'), required('relative-base', 'base'), none('quiet', 'q'), none('strip', 's'), none('no-symlinks', 's'), none('zero', 'z'), none('logical', 'L'), none('physical', 'P'),
  ]);
  if (parsed === null) return 1;
  if (parsed.has('help')) {
    p.out(helpOf(REALPATH));
    return 0;
  }
  if (parsed.operands.length === 0) return wrongUse(p, 'missing operand');
  const how = parsed.options.findLast(({ opt }) => opt === 'e' || opt === 'm')?.opt;
  const mode: Mode = how === 'e' ? 'existing' : how === 'm' ? 'missing' : 'all-but-last';
  const resolve = (path: string): string | number => canonicalize(p, path, mode, !parsed.has('s'));
  const base = parsed.value('to') ?? parsed.value('base');
  const from = base === undefined ? null : resolve(base);
  if (typeof from === 'number') return p.fail(`${quoteIfNeeded(base!)}: ${p.strerror(from)}`);
  let code = 0;
  for (const path of parsed.operands) {
    const found = resolve(path);
    if (typeof found === 'number') {
      code = 1;
      if (!parsed.has('q')) p.fail(`${quoteIfNeeded(path)}: ${p.strerror(found)}`);
    } else {
      const below = parsed.value('to') !== undefined || (from !== null && join(found, '').startsWith(join(from, '')));
      p.out(`${from !== null && below ? relativePath(found, from) : found}${parsed.has('z') ? '\0' : '\n'}`);
    }
  }
  return code;
}

export const pathPrograms = [defineProgram(READLINK), defineProgram(REALPATH)];
