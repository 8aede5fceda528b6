/** yes, after yes.c of GNU coreutils 9.1. */
import { encodeText } from '../../files/encoding.js';
import { strerror, type Process } from '../../process.js';
import { defineProgram, type Definition } from '../system/define.js';
import { begin, emit } from './input.js';

const YES: Definition = {
  path: '/usr/bin/yes', summary: 'print a line until killed', synopsis: ['yes [STRING]...', 'yes OPTION'], description: 'Prints a line with all STRINGs, or y, again and again.', run,
};
export const yes = defineProgram(YES);

/** BUFSIZ: what is written at a time, in whole lines. */
const BUFFER = 8192;

async function run(p: Process): Promise<number> {
  const parsed = begin(p, YES, '');
  if (typeof parsed === 'number') return parsed;
  const line = encodeText(`${parsed.operands.length === 0 ? 'y' : parsed.operands.join(' ')}\n`, 'utf8');
  const lines = Buffer.alloc(Math.max(1, Math.floor(BUFFER / line.length)) * line.length, line);
  while (p.writeError === 0) await emit(p, lines);
  const { writeError } = p;
  p.writeError = 0;
  return p.fail(`standard output: ${strerror(writeError)}`);
}
