/** Actions of find: what is done with a file. */
import { FileError } from '../../../files/index.js';
import { runChild } from '../../../launch.js';
import { strerror } from '../../../process.js';
import { findError } from '../../files/search-path.js';
import { nameOf, type Entry, type Run, type Test } from './entry.js';
import { WrongExpression, type Words } from './expression.js';
import { compileFormat, lsLine } from './printf.js';

/** `atEnd` takes what is to be done when all files have been looked at. */
export type MakeAction = (run: Run, name: string, words: Words, atEnd: (last: () => Promise<void>) => void) => Test;

const printing = (text: (run: Run, entry: Entry) => string): MakeAction => run => entry => {
  run.print(text(run, entry));
  return true;
};
const printingTo = (text: (run: Run, entry: Entry) => string): MakeAction => (run, name, words) => {
  const file = words.argument(name);
  run.print('', file);
  return entry => {
    run.print(text(run, entry), file);
    return true;
  };
};

/** The command of -exec, up to `;`, or to `{} +`: then it is run with many names at once. */
function readCommand(name: string, words: Words, mayGather: boolean): { readonly command: readonly string[]; readonly gathers: boolean } {
  const command: string[] = [];
  for (;;) {
    const word = words.argument(name);
    if (word === ';') break;
    if (mayGather && word === '+' && command.at(-1) === '{}') {
      if (command.slice(0, -1).some(part => part.includes('{}'))) throw new WrongExpression(`Only one instance of {} is supported with ${name} ... +`);
      command.pop();
      return { command, gathers: true };
    }
    command.push(word);
  }
  if (command.length === 0) throw new WrongExpression(`invalid argument \`;' to \`${name}'`);
  return { command, gathers: false };
}

/** Most characters of a command line that gathers names. */
const MOST = 131_072;

/** -exec and -execdir, which runs it where the file is; `asks`: -ok and -okdir. */
const executing = (there: boolean, asks = false): MakeAction => (run, name, words, atEnd) => {
  const { command, gathers } = readCommand(name, words, !asks);
  const subject = (entry: Entry): string => (there ? `./${nameOf(entry)}` : entry.path);
  if (!gathers) {
    return async entry => {
      const argv = command.map(word => word.replaceAll('{}', subject(entry)));
      if (asks && !(await asked(run, argv[0]!, entry.path))) return false;
      return (await execute(run, argv, there ? entry : null)) === 0;
    };
  }
  let names: string[] = [];
  let length = 0;
  let last: Entry | null = null;
  const flush = async (): Promise<void> => {
    if (names.length > 0 && (await execute(run, [...command, ...names], there ? last : null)) !== 0) run.fail();
    names = [];
    length = 0;
  };
  atEnd(flush);
  return async entry => {
    if (there && last !== null && directoryOf(last) !== directoryOf(entry)) await flush();
    const word = subject(entry);
    if (length + word.length > MOST) await flush();
    names.push(word);
    length += word.length + 1;
    last = entry;
    return true;
  };
};

async function asked(run: Run, command: string, path: string): Promise<boolean> {
  run.p.err(`< ${command} ... ${path} > ? `);
  return /^[yY]/.test(await run.answer());
}

/** @returns the exit code; 1 after a message when it cannot be run. */
async function execute(run: Run, argv: readonly string[], at: Entry | null): Promise<number> {
  const { p } = run;
  const { cwd } = p;
  await run.flush();
  if (at !== null) p.cwd = p.box.files.realpath(p, directoryOf(at));
  try {
    const error = findError(p, argv[0]!);
    if (error !== 0) {
      p.err(`${p.name}: '${argv[0]!}': ${p.strerror(error)}\n`);
      return 1;
    }
    return await runChild(p, argv);
  } finally {
    p.cwd = cwd;
  }
}
const directoryOf = ({ path }: Entry): string => {
  const slash = path.replace(/(?<=.)\/+$/, '').lastIndexOf('/');
  return slash < 0 ? '.' : path.slice(0, slash) || '/';
};

const remove: MakeAction = run => async ({ path, stat }) => {
  if (path === '.') return true;
  const { p } = run;
  try {
    await (stat.type === 'directory' ? p.box.files.rmdir(p, path) : p.box.files.unlink(p, path));
    return true;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    run.complain(`cannot delete '${path}': ${strerror(error.errno)}`);
    return false;
  }
};

const formatted = (toFile: boolean): MakeAction => (run, name, words) => {
  const file = toFile ? words.argument(name) : undefined;
  const format = compileFormat(run, words.argument(name));
  if (file !== undefined) run.print('', file);
  return entry => {
    run.print(format(entry), file);
    return true;
  };
};

/** With these the name is not printed besides. */
export const ACTIONS: Readonly<Record<string, MakeAction>> = {
  '-print': printing((_run, { path }) => `${path}\n`), '-print0': printing((_run, { path }) => `${path}\0`), '-ls': printing(lsLine), '-printf': formatted(false),
  '-fprint': printingTo((_run, { path }) => `${path}\n`), '-fprint0': printingTo((_run, { path }) => `${path}\0`), '-fls': printingTo(lsLine), '-fprintf': formatted(true),
  '-exec': executing(false), '-execdir': executing(true), '-ok': executing(false, true), '-okdir': executing(true, true), '-delete': remove,
};
/** With these it is. */
export const QUIET_ACTIONS: Readonly<Record<string, MakeAction>> = {
  '-prune': run => () => {
    run.prune = true;
    return true;
  },
  '-quit': run => () => {
    run.quit = true;
    return true;
  },
};
