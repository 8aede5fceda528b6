/** FILE operands of text utilities. */
import { FileError } from './files/index.js';
import { strerror, type Process } from './process.js';

/** The text of an operand; `-` is standard input. null: it cannot be read, and the program has said so. */
export async function readOperand(p: Process, file: string): Promise<string | null> {
  if (file === '-') return p.input();
  try {
    return await p.readFile(file);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    p.err(`${p.name}: ${file}: ${strerror(error.errno)}\n`);
    return null;
  }
}
