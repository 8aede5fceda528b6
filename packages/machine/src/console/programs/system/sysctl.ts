/** sysctl (procps): settings of the kernel below /proc/sys. */
import { EACCES, EPERM } from '@pmkit/mm-core/include/linux/errno';
import type { Process } from '../../process.js';
import { readNames, readText } from '../numa/libnuma/host.js';
import { attempt } from './attempt.js';
import { defineProgram, helpOf, none, parseOptions, required, type Definition, type Parsed } from './define.js';

const ROOT = '/proc/sys';
const pathOf = (key: string): string => `${ROOT}/${key.replaceAll('.', '/')}`;
const keyOf = (path: string): string => path.slice(ROOT.length + 1).replaceAll('/', '.');

const SYSCTL: Definition = {
  path: '/sbin/sysctl', summary: 'read and write settings of the kernel', synopsis: ['sysctl [-n] [-e] KEY...', 'sysctl [-w] KEY=VALUE...', 'sysctl -a', 'sysctl -p [FILE]'],
  description: 'A key is the path of a file below /proc/sys, with dots for slashes: vm.swappiness.',
  options: [['-a, --all', 'all of them'], ['-n, --values', 'only the values'], ['-N, --names', 'only the keys'], ['-e, --ignore', 'no word of keys that are not there'], ['-w, --write', 'all operands must be KEY=VALUE'], ['-q, --quiet', 'no word of what was written'], ['-p, --load[=FILE]', 'from a file, /etc/sysctl.conf']],
  run,
};
export const sysctl = defineProgram(SYSCTL);

async function run(p: Process): Promise<number> {
  const parsed = parseOptions(p, 'aAXnNewqp', [none('all', 'a'), none('values', 'n'), none('names', 'N'), none('ignore', 'e'), none('write', 'w'), none('quiet', 'q'), { name: 'load', takes: 'optional', val: 'p' }, required('pattern', 'r')]);
  if (parsed === null) return 1;
  if (parsed.has('help')) {
    p.out(helpOf(SYSCTL));
    return 0;
  }
  let exitCode = 0;
  if (parsed.has('a', 'A', 'X')) {
    for (const path of await allFiles(p, ROOT)) exitCode = (await show(p, keyOf(path), parsed, true)) || exitCode;
    return exitCode;
  }
  const words = parsed.has('p') ? await settingsOf(p, parsed.value('p') ?? parsed.operands[0] ?? '/etc/sysctl.conf') : parsed.operands;
  if (words === null) return 1;
  if (words.length === 0 && !parsed.has('p')) return p.fail(`no variables specified\nTry \`${p.name} --help' for more information.`);
  for (const word of words) {
    const [, key = '', value] = /^([^=]*?)\s*(?:=\s*([^]*?)\s*)?$/.exec(word)!;
    if (value === undefined && parsed.has('w')) {
      p.err(`${p.name}: "${word}" must be of the form name=value\n`);
      exitCode = 1;
    } else exitCode = (value === undefined ? await show(p, key, parsed, false) : await set(p, key, value, parsed)) || exitCode;
  }
  return exitCode;
}

/** Lines of a file of settings without comments; null when it cannot be read, which has been printed. */
async function settingsOf(p: Process, file: string): Promise<string[] | null> {
  const text = await readText(p, file);
  if (typeof text !== 'number') return text.split('\n').map(line => line.trim()).filter(line => line !== '' && !/^[#;]/.test(line));
  p.err(`${p.name}: cannot open "${file}": ${p.strerror(text)}\n`);
  return null;
}

async function allFiles(p: Process, directory: string): Promise<string[]> {
  const names = await readNames(p, directory);
  const found: string[] = [];
  for (const name of typeof names === 'number' ? [] : names) {
    const path = `${directory}/${name}`;
    if (p.stat(path).type === 'directory') found.push(...await allFiles(p, path));
    else found.push(path);
  }
  return found;
}

function print(p: Process, key: string, value: string, parsed: Parsed): void {
  p.out(parsed.has('N') ? `${key}\n` : `${parsed.has('n') ? '' : `${key.replaceAll('/', '.')} = `}${value}\n`);
}

/** @param listed of -a: what may not be read is passed over */
async function show(p: Process, key: string, parsed: Parsed, listed: boolean): Promise<number> {
  const text = await readText(p, pathOf(key));
  if (typeof text !== 'number') {
    print(p, key, text.replace(/\n$/, ''), parsed);
    return 0;
  }
  if (listed || (parsed.has('e') && text !== -EACCES)) return 0;
  return p.fail(text === -EACCES ? `permission denied on key '${key}'` : p.exists(pathOf(key)) ? `reading key "${key}"` : `cannot stat ${pathOf(key)}: ${p.strerror(text)}`);
}

async function set(p: Process, key: string, value: string, parsed: Parsed): Promise<number> {
  const path = pathOf(key);
  if (!p.exists(path)) return parsed.has('e') ? 0 : p.fail(`cannot stat ${path}: No such file or directory`);
  const result = await attempt(() => p.writeFile(path, `${value}\n`));
  if (result !== 0) return p.fail(result === -EACCES || result === -EPERM ? `permission denied on key "${key}"` : `setting key "${key}": ${p.strerror(result)}`);
  if (!parsed.has('q')) print(p, key, value, parsed);
  return 0;
}
