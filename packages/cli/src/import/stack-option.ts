/** `--stack SOURCE --trust`: patches that somebody has sent in the place of the kit's, for the commands that run kernels. */
import { Option } from '@commander-js/extra-typings';
import type { ThreadSetUp } from '@pmkit/explore';
import type { StackLevels } from '@pmkit/review/import';
import type { Tree } from '@pmkit/series/catalogue';
import type { Context } from '../context.js';
import { CommandError, EXIT_FAILED, EXIT_MISUSE } from '../errors.js';
import { treeWord } from '../tree-argument.js';
import { orMisuse, parseSource, stackOf } from './sent.js';

export interface StackOptions { readonly stack?: string | undefined; readonly trust?: true | undefined }

export const STACK = new Option('--stack <source>', "patches that somebody has sent in the place of the kit's: quilt:DIR, mbox:FILE, git:DIR or git:DIR#RANGE (level-0..HEAD), as for pmkit import; needs --trust");
export const TRUST = new Option('--trust', 'run these patches: what their authors wrote, with all that you may do');

/** The levels that a command is about. */
export interface Levels {
  /** Whether they are those of a stack that was sent. */
  readonly areSent: boolean;
  /** The highest one; null for the kit's, where the command has a default of its own. */
  readonly top: Tree | null;
  /**
   * The trees to be run, ready to be booted. Of those that nobody has named the stack may lack some, and they are left out.
   * @throws CommandError (misuse) when it lacks one that is asked for.
   */
  ready(trees: readonly Tree[], isAsked: boolean): Promise<readonly Tree[]>;
  /** Whether a tree that is ready links, as far as that is not known beforehand. */
  builds(tree: Tree): boolean;
  has(tree: Tree): boolean;
  /** What threads of exploreLevels() are told; undefined: they have them. */
  readonly threads?: ThreadSetUp;
}

const KITS: Levels = { areSent: false, top: null, ready: trees => Promise.resolve(trees), builds: () => true, has: () => true };

/**
 * Runs a command with the levels that its options name.
 * @throws CommandError (misuse) for patches that cannot be read, do not apply or cannot be loaded, and without --trust; for what their code throws (failed).
 */
export async function withLevels<T>(context: Context, command: string, { stack: word, trust }: StackOptions, action: (levels: Levels) => Promise<T>): Promise<T> {
  if (word === undefined) {
    if (trust === true) throw new CommandError(EXIT_MISUSE, `pmkit ${command}: --trust is for patches that were sent: it needs --stack`);
    return action(KITS);
  }
  if (trust !== true) throw new CommandError(EXIT_MISUSE, `pmkit ${command}: --stack runs the patches: it needs --trust`);
  const source = parseSource(word);
  const review = await import('@pmkit/review/import');
  return orMisuse(review, command, async () => {
    const sent = new review.StackLevels(await stackOf(context.io, review, command, source));
    try {
      sent.use();
      return await action(levelsOf(sent, command));
    } catch (error) {
      const place = error instanceof CommandError || error instanceof review.ImportError ? null : sent.placeOf(error);
      if (place === null) throw error;
      throw new CommandError(EXIT_FAILED, `pmkit ${command}: what was sent fails at ${place}: ${(error as Error).message}`, { cause: error });
    } finally {
      sent.end();
    }
  });
}

function levelsOf(sent: StackLevels, command: string): Levels {
  const names = sent.trees.map(treeWord).join(' ');
  return {
    areSent: true,
    top: sent.trees.at(-1)!,
    async ready(trees, isAsked) {
      const there = trees.filter(tree => sent.has(tree));
      const missing = trees.find(tree => !sent.has(tree));
      if (missing !== undefined && (isAsked || there.length === 0)) {
        throw new CommandError(EXIT_MISUSE, `pmkit ${command}: level ${treeWord(missing)} is not in the stack that was sent; expected one of ${names}`);
      }
      await sent.load(there);
      return there;
    },
    builds: tree => sent.builds(tree),
    has: tree => sent.has(tree),
    threads: sent.threads,
  };
}
