/** env, printenv and tty, after env.c, printenv.c and tty.c of GNU coreutils. Only what is exported is seen. */
import { ENOENT, ENOTDIR } from '@pmkit/mm-core/include/linux/errno';
import type { Process } from '../../process.js';
import { defineProgram, helpOf, none, optional, parseOptions, required, type Definition } from '../system/define.js';
import { quote, statOf, wrongUse } from '../files/common.js';
import { findError } from '../files/search-path.js';

const ENV: Definition = {
  path: '/usr/bin/env', summary: 'run a command with another environment', synopsis: ['env [OPTION]... [-] [NAME=VALUE]... [COMMAND [ARG]...]'], description: 'Sets variables and runs COMMAND; without one it prints the environment.',
  options: [['-i, --ignore-environment', 'begin with nothing'], ['-u, --unset NAME', 'without that one'], ['-C, --chdir DIR', 'in another directory'], ['-S, --split-string TEXT', 'more words of the command line'], ['-0, --null', 'a NUL behind each'], ['-v, --debug', 'accepted']],
  run: env,
};
const WRONG = 125;

/** The words of -S: blanks between them, quotes around them. */
const split = (text: string): string[] => [...text.matchAll(/(?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+/g)].map(([word]) => word.replaceAll(/'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g, (_whole, single?: string, double?: string, one?: string) => single ?? double?.replaceAll(/\\(.)/g, '$1') ?? one ?? ''));

async function env(p: Process): Promise<number> {
  const words = p.argv.slice(1);
  const at = words.findIndex(word => /^(-S|--split-string=)/.test(word));
  if (at === 0) p.argv = [p.argv[0]!, ...(words[0] === '-S' ? [...split(words[1] ?? ''), ...words.slice(2)] : [...split(words[0]!.replace(/^(-S|--split-string=)/, '')), ...words.slice(1)])];
  const parsed = parseOptions(p, '+C:iu:v0', [none('ignore-environment', 'i'), none('null', '0'), required('unset', 'u'), required('chdir', 'C'), none('debug', 'v'), optional('default-signal'), optional('ignore-signal'), optional('block-signal')]);
  if (parsed === null) return WRONG;
  if (parsed.has('help')) {
    p.out(helpOf(ENV));
    return 0;
  }
  const operands = [...parsed.operands];
  if (parsed.has('i') || operands[0] === '-') p.env.clear();
  if (operands[0] === '-') operands.shift();
  for (const { opt, arg } of parsed.options) {
    if (opt !== 'u') continue;
    if (arg === '' || arg!.includes('=')) return p.fail(`cannot unset ${quote(arg!)}: Invalid argument`, WRONG);
    p.env.delete(arg!);
  }
  while (operands[0]?.includes('=') === true) {
    const word = operands.shift()!;
    const equals = word.indexOf('=');
    if (equals === 0) return p.fail(`cannot set ${quote('')}: Invalid argument`, WRONG);
    p.env.set(word.slice(0, equals), word.slice(equals + 1));
  }
  if (operands.length === 0) {
    if (parsed.has('C')) return wrongUse(p, 'must specify command with --chdir (-C)', WRONG);
    p.out(listing(p, parsed.has('0')));
    return 0;
  }
  if (parsed.has('0')) return wrongUse(p, 'cannot specify --null (-0) with command', WRONG);
  const directory = parsed.value('C');
  if (directory !== undefined) {
    const stat = statOf(p, directory);
    const error = typeof stat === 'number' ? stat : stat.type === 'directory' ? 0 : -ENOTDIR;
    if (error !== 0) return p.fail(`cannot change directory to ${quote(directory)}: ${p.strerror(error)}`, WRONG);
    p.cwd = p.box.files.realpath(p, directory);
  }
  const error = findError(p, operands[0]!);
  if (error !== 0) return p.fail(`${quote(operands[0]!)}: ${p.strerror(error)}`, error === -ENOENT ? 127 : 126);
  return p.exec(operands);
}

const listing = (p: Process, nul: boolean): string => [...p.env].map(([name, value]) => `${name}=${value}${nul ? '\0' : '\n'}`).join('');

const PRINTENV: Definition = {
  path: '/usr/bin/printenv', summary: 'print the environment', synopsis: ['printenv [OPTION]... [VARIABLE]...'], description: 'Prints the values of variables, or all of the environment.', options: [['-0, --null', 'a NUL behind each']],
  run(p) {
    const parsed = parseOptions(p, '+0', [none('null', '0')]);
    if (parsed === null) return 2;
    if (parsed.has('help')) {
      p.out(helpOf(PRINTENV));
      return 0;
    }
    if (parsed.operands.length === 0) p.out(listing(p, parsed.has('0')));
    const values = parsed.operands.map(name => p.env.get(name));
    p.out(values.flatMap(value => (value === undefined ? [] : [`${value}${parsed.has('0') ? '\0' : '\n'}`])).join(''));
    return values.includes(undefined) ? 1 : 0;
  },
};

const TTY: Definition = {
  path: '/usr/bin/tty', summary: 'print which terminal standard input is', synopsis: ['tty [OPTION]...'], description: 'Standard input of a program is never a terminal here: it says so and ends with 1.', options: [['-s, --silent, --quiet', 'say nothing']],
  run(p) {
    const parsed = parseOptions(p, 's', [none('silent', 's'), none('quiet', 's')]);
    if (parsed === null) return 2;
    if (parsed.has('help')) {
      p.out(helpOf(TTY));
      return 0;
    }
    if (parsed.operands.length > 0) return wrongUse(p, `extra operand ${quote(parsed.operands[0]!)}`, 2);
    if (!parsed.has('s')) p.out('not a tty\n');
    return 1;
  },
};

export const envPrograms = [defineProgram(ENV), defineProgram(PRINTENV), defineProgram(TTY)];
