/** mkdir and rmdir, after mkdir.c and rmdir.c of GNU coreutils. */
import { EEXIST, ENOTDIR, ENOTEMPTY } from '@pmkit/mm-core/include/linux/errno';
import type { Process } from '../../process.js';
import { attempt } from '../system/attempt.js';
import { defineProgram, helpOf, none, parseOptions, required, type Definition } from '../system/define.js';
import { isDirectory, quote, wrongUse } from './common.js';
import { parseMode, type ModeChange } from './mode.js';

const MKDIR: Definition = {
  path: '/bin/mkdir', summary: 'make directories', synopsis: ['mkdir [OPTION]... DIRECTORY...'], description: 'Makes directories; in /dev/cpuset each is a cpuset.',
  options: [['-m, --mode MODE', 'the mode, as chmod has it; else 0777 less the umask'], ['-p, --parents', 'those above it too; one that is there is no error'], ['-v, --verbose', 'say what is made']],
  run: mkdir,
};

async function mkdir(p: Process): Promise<number> {
  const parsed = parseOptions(p, 'm:pv', [required('mode', 'm'), none('parents', 'p'), none('verbose', 'v')]);
  if (parsed === null) return 1;
  if (parsed.has('help')) {
    p.out(helpOf(MKDIR));
    return 0;
  }
  if (parsed.operands.length === 0) return wrongUse(p, 'missing operand');
  const text = parsed.value('m');
  const mode = text === undefined ? undefined : parseMode(text);
  if (mode === null) return p.fail(`invalid mode ${quote(text!)}`);
  let code = 0;
  for (const path of parsed.operands) {
    const made = parsed.has('p') ? await makeWithParents(p, path, mode, parsed.has('v')) : await make(p, path, mode, parsed.has('v'));
    if (!made) code = 1;
  }
  return code;
}

/** @returns whether it is made; if not, that has been said. */
async function make(p: Process, path: string, mode: ModeChange | undefined, verbose: boolean): Promise<boolean> {
  const { files } = p.box;
  let error = await attempt(() => files.mkdir(p, path, 0o777));
  if (error === 0 && verbose) p.out(`${p.name}: created directory ${quote(path)}\n`);
  if (error === 0 && mode !== undefined) error = await attempt(() => files.chmod(p, path, mode(0o777, true)));
  if (error !== 0) p.fail(`cannot create directory ${quote(path)}: ${p.strerror(error)}`);
  return error === 0;
}

async function makeWithParents(p: Process, path: string, mode: ModeChange | undefined, verbose: boolean): Promise<boolean> {
  for (const found of path.matchAll(/[^/]+/g)) {
    const end = found.index + found[0].length;
    const at = path.slice(0, end);
    const last = /^\/*$/.test(path.slice(end));
    if (isDirectory(p, at)) continue;
    // What is there and no directory is in the way of what comes below it, or is the end.
    if (p.exists(at)) {
      const inTheWay = last && !path.endsWith('/') ? -EEXIST : -ENOTDIR;
      p.fail(`cannot create directory ${quote(at)}: ${p.strerror(inTheWay)}`);
      return false;
    }
    if (!(await make(p, at, last ? mode : undefined, verbose))) return false;
  }
  return true;
}

const RMDIR: Definition = {
  path: '/bin/rmdir', summary: 'remove empty directories', synopsis: ['rmdir [OPTION]... DIRECTORY...'], description: 'Removes directories that are empty; in /dev/cpuset, cpusets without tasks and children.',
  options: [['-p, --parents', 'those above it too'], ['--ignore-fail-on-non-empty', 'one that is not empty stays, and is no error'], ['-v, --verbose', 'say what is removed']],
  run: rmdir,
};

async function rmdir(p: Process): Promise<number> {
  const parsed = parseOptions(p, 'pv', [none('parents', 'p'), none('path', 'p'), none('verbose', 'v'), none('ignore-fail-on-non-empty', 'ignore')]);
  if (parsed === null) return 1;
  if (parsed.has('help')) {
    p.out(helpOf(RMDIR));
    return 0;
  }
  if (parsed.operands.length === 0) return wrongUse(p, 'missing operand');
  let code = 0;
  const remove = async (path: string, what: string): Promise<boolean> => {
    if (parsed.has('v')) p.out(`${p.name}: removing directory, ${quote(path)}\n`);
    const error = await attempt(() => p.box.files.rmdir(p, path));
    if (error === 0) return true;
    if (error !== -ENOTEMPTY || !parsed.has('ignore')) code = p.fail(`failed to remove ${what}${quote(path)}: ${p.strerror(error)}`);
    return false;
  };
  for (const path of parsed.operands) {
    let goOn = await remove(path, '');
    for (let above = parentOf(path); goOn && parsed.has('p') && above !== ''; above = parentOf(above)) goOn = await remove(above, 'directory ');
  }
  return code;
}

const parentOf = (path: string): string => path.replace(/\/+$/, '').replace(/\/*[^/]*$/, '');

export const directoryPrograms = [defineProgram(MKDIR), defineProgram(RMDIR)];
