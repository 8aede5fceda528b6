/** SOURCE… DESTINATION, as cp, mv and ln take them (do_copy() of cp.c, do_move of mv.c, main() of ln.c of GNU coreutils). */
import { ENOENT, ENOTDIR } from '@pmkit/mm-core/include/linux/errno';
import type { Process } from '../../process.js';
import type { Parsed } from '../system/define.js';
import { baseName, isDirectory, join, quote, statOf, wrongUse } from './common.js';

export interface Pair { readonly from: string; readonly to: string }

interface Rules {
  /** ln: one operand is linked into the working directory. */
  readonly oneWillDo?: boolean;
  /** ln -n: a link to a directory is what is meant, not the directory. */
  readonly noDereference?: boolean;
  /** What the name in a directory is made from; default the last component. */
  readonly nameOf?: (from: string) => string;
}

/** What goes where, by -t, -T and the operands; or the exit code, after a message. */
export function readTargets(p: Process, parsed: Parsed, { oneWillDo = false, noDereference = false, nameOf = baseName }: Rules = {}): readonly Pair[] | number {
  const { operands } = parsed;
  const directory = parsed.value('t');
  const first = operands[0];
  const single = directory !== undefined || oneWillDo;
  if (first === undefined) return wrongUse(p, 'missing file operand');
  if (operands.length === 1 && !single) return wrongUse(p, `missing destination file operand after ${quote(first)}`);
  const into = (target: string, sources: readonly string[]): Pair[] => sources.map(from => ({ from, to: join(target, nameOf(from)) }));
  if (parsed.has('T')) {
    if (directory !== undefined) return wrongUse(p, 'cannot combine --target-directory (-t) and --no-target-directory (-T)');
    if (operands.length === 1) return wrongUse(p, `missing destination file operand after ${quote(first)}`);
    if (operands.length > 2) return wrongUse(p, `extra operand ${quote(operands[2]!)}`);
    return [{ from: first, to: operands[1]! }];
  }
  if (directory !== undefined) {
    const error = directoryError(p, directory);
    return error === 0 ? into(directory, operands) : p.fail(`target directory ${quote(directory)}: ${p.strerror(error)}`);
  }
  if (operands.length === 1) return into('.', operands).map(({ from, to }) => ({ from, to: to.replace(/^\.\//, './') }));
  const last = operands.at(-1)!;
  if (isDirectory(p, last) && !(noDereference && isLink(p, last))) return into(last, operands.slice(0, -1));
  if (operands.length > 2) return p.fail(`target ${quote(last)}: ${p.strerror(directoryError(p, last))}`);
  return [{ from: first, to: last }];
}

function isLink(p: Process, path: string): boolean {
  const stat = statOf(p, path, false);
  return typeof stat !== 'number' && stat.type === 'link';
}
/** Why it is no directory; 0 when it is one. */
function directoryError(p: Process, path: string): number {
  const stat = statOf(p, path);
  if (typeof stat === 'number') return stat;
  return stat.type === 'directory' ? 0 : p.exists(path) ? -ENOTDIR : -ENOENT;
}
