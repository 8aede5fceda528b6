/** Commands of just-bash that scripts find wanting, mended without writing them anew. */
import type { ExecResult } from 'just-bash';
import { FileError } from '../files/index.js';
import { strerror, type Process } from '../process.js';

/** Runs a command of just-bash's as it ought to be. @param original the command as it is, with these arguments. */
export async function runMended(p: Process, name: string, args: readonly string[], original: (args: string[]) => Promise<ExecResult>): Promise<ExecResult> {
  const result = await original(name === 'tail' ? args.map(arg => (/^\+\d+$/.test(arg) && arg === args[0] ? `-n${arg}` : arg)) : [...args]);
  return result.stderr === '' ? result : withReasons(p, name, result);
}

/** How GNU's programs begin their complaints of files, and what they end with then; for the others `NAME: FILE: reason`, and 1. */
const COMPLAINTS: Readonly<Record<string, { readonly text: (file: string) => string; readonly exitCode: number }>> = {
  head: { text: file => `cannot open '${file}' for reading`, exitCode: 1 }, tail: { text: file => `cannot open '${file}' for reading`, exitCode: 1 },
  sort: { text: file => `cannot read: ${file}`, exitCode: 2 }, sed: { text: file => `can't read ${file}`, exitCode: 2 }, find: { text: file => `'${file}'`, exitCode: 1 }, grep: { text: file => file, exitCode: 2 },
};
/** Programs that can open a directory, and say only when they read that it is one. */
const READING: Readonly<Record<string, string>> = { head: 'error reading ', tail: 'error reading ' };
/** Those that advise after wrong use. */
const ADVICE = /^(?:basename|cat|dirname|expr|head|seq|sort|tac|tail|tr|uniq|wc)$/;

/** just-bash takes every error of a file for one that is not there; what it really is, the file tells. */
function withReasons(p: Process, name: string, result: ExecResult): ExecResult {
  let { exitCode } = result;
  const lines = result.stderr.split(/(?<=\n)/).map(line => {
    const file = /^[\w-]+: (.+): No such file or directory\n$/.exec(line)?.[1];
    if (file === undefined) return line;
    const errno = errorOf(p, file);
    const complaint = COMPLAINTS[name];
    if (complaint !== undefined) exitCode = Math.max(exitCode, complaint.exitCode);
    const subject = errno === EISDIR_TEXT && READING[name] !== undefined ? `${READING[name]}'${file}'` : complaint?.text(file) ?? file;
    return `${name}: ${subject}: ${errno}\n`;
  });
  const stderr = lines.join('');
  const wrongUse = ADVICE.test(name) && lines.length === 1 && /(?:missing operand|invalid option -- '.'|unrecognized option '.*'|invalid .*argument: .*|invalid Zero increment value: .*)\n$/.test(stderr);
  return { ...result, exitCode, stderr: wrongUse && !stderr.includes('Try ') ? `${stderr}Try '${name} --help' for more information.\n` : stderr };
}
const EISDIR_TEXT = 'Is a directory';

/** Why a file cannot be read. */
function errorOf(p: Process, file: string): string {
  try {
    return p.stat(file).type === 'directory' ? EISDIR_TEXT : 'Permission denied';
  } catch (error) {
    if (error instanceof FileError) return strerror(error.errno);
    throw error;
  }
}
