/** strace -e trace=…: which system calls. */
import { SIGNATURES } from '../calls/signatures.js';

/** Classes of strace, as far as the kit has calls in them. */
const CLASSES: Readonly<Record<string, readonly string[]>> = {
  file: ['open', 'unlink', 'execve', 'swapon', 'swapoff'],
  process: ['fork', 'clone', 'execve', 'exit', 'exit_group', 'wait4', 'kill'],
  signal: ['kill', 'rt_sigaction'],
  ipc: ['shmget', 'shmat', 'shmdt', 'shmctl'],
  desc: ['read', 'write', 'open', 'close', 'lseek', 'fsync', 'fdatasync', 'ftruncate', 'mmap'],
  memory: ['brk', 'mmap', 'munmap', 'mprotect', 'mlock', 'munlock', 'mlockall', 'munlockall', 'msync', 'madvise', 'mbind', 'get_mempolicy', 'set_mempolicy', 'migrate_pages', 'shmat', 'shmdt'],
};

/** @returns which names are traced, or what strace says of an expression that is none. */
export function select(expression: string): ((name: string) => boolean) | string {
  const match = /^(?:(?:trace|t)=)?(!?)(.*)$/.exec(expression)!;
  if (/^[a-z]+=/.test(match[2]!)) return `strace: invalid -e qualifier '${expression}'`;
  const names = new Set<string>();
  for (const word of match[2]!.split(',')) {
    const members = word === 'all' ? [...SIGNATURES.keys()] : word === 'none' ? [] : (CLASSES[word.replace(/^%/, '')] ?? (SIGNATURES.has(word) ? [word] : undefined));
    if (members === undefined) return `strace: invalid system call '${word}'`;
    for (const name of members) names.add(name);
  }
  const inverted = match[1] === '!';
  if (match[2] === 'all') return () => !inverted;
  return name => names.has(name) !== inverted;
}
