/** What may stand behind what has been typed: commands, and files of the machine. */
import type { Box } from '../box.js';
import { BUILT_IN, BUNDLED_PATHS } from '../bundled.js';
import { FileError } from '../files/index.js';
import { SHELL_BUILTINS } from './builtins/index.js';

/** @returns the candidates for the last word of the line, and that word. Never throws. */
export function completions(box: Box, cwd: string, line: string): readonly [readonly string[], string] {
  const word = /[^\s;|&()<>=]*$/.exec(line)![0];
  const before = line.slice(0, line.length - word.length).trimEnd();
  const isCommand = !word.includes('/') && (before === '' || /[;|&(]$/.test(before));
  return [isCommand ? commandNames(box).filter(name => name.startsWith(word)) : paths(box, cwd, word), word];
}

const commandNames = (box: Box): string[] => [...new Set([...box.programs.keys(), ...BUNDLED_PATHS.keys(), ...BUILT_IN, ...SHELL_BUILTINS])].filter(name => /^\w/.test(name)).sort();

function paths(box: Box, cwd: string, word: string): string[] {
  const slash = word.lastIndexOf('/') + 1;
  const directory = word.slice(0, slash);
  const from = directory.startsWith('/') ? directory : `${cwd}/${directory}`;
  const { files, login } = box;
  try {
    return files.listTypes(login, from).filter(({ name }) => name.startsWith(word.slice(slash)) && (!name.startsWith('.') || word[slash] === '.'))
      .map(({ name, type }) => `${directory}${name}${type === 'directory' ? '/' : ''}`).sort();
  } catch (error) {
    if (error instanceof FileError) return [];
    throw error;
  }
}
