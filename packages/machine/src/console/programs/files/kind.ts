/** Kinds of files in words: file_type() of gnulib. */
import type { Stat } from '../../files/index.js';

const KINDS: Readonly<Record<Stat['type'], string>> = {
  file: 'regular file', directory: 'directory', link: 'symbolic link', character: 'character special file', block: 'block special file',
};

/** `regular empty file`. For a question about removing it, with a word before it when it must not be written to. */
export function kindOf({ type, size }: Pick<Stat, 'type' | 'size'>, asking = false, writable = true): string {
  const kind = type === 'file' && size === 0 ? 'regular empty file' : KINDS[type];
  return asking && !writable && type !== 'link' ? `write-protected ${kind}` : kind;
}
