/** Commands of just-bash that scripts find wanting, mended without writing them anew. */
import type { ExecResult } from 'just-bash';
import type { Process } from '../process.js';
import { grepZ, wantsNul } from './grep-z.js';

/** Runs a command of just-bash's as it ought to be. @param original the command as it is, with these arguments. */
export async function runMended(p: Process, name: string, args: readonly string[], original: (args: string[]) => Promise<ExecResult>): Promise<ExecResult> {
  if (name === 'grep' && wantsNul(args)) return { stdout: '', stderr: '', exitCode: await grepZ(p, args) };
  const result = await original([...args]);
  // Between two directories whose contents it lists it prints an empty line; with -d too, where there is nothing to keep apart.
  if (name === 'ls' && args.some(arg => arg === '--directory' || /^-[A-Za-z1]*d/.test(arg))) return { ...result, stdout: result.stdout.replace(/^\n/gm, '') };
  return result;
}
