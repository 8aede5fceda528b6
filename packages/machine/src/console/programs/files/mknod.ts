/** mknod, after mknod.c of GNU coreutils. */
import type { Process } from '../../process.js';
import { attempt } from '../system/attempt.js';
import { defineProgram, helpOf, parseOptions, required, type Definition } from '../system/define.js';
import { quote, quoteIfNeeded, wrongUse } from './common.js';
import { parseMode, UMASK } from './mode.js';

const MKNOD: Definition = {
  path: '/bin/mknod', summary: 'make device files', synopsis: ['mknod [OPTION]... NAME TYPE [MAJOR MINOR]'], description: 'Makes a block (b) or character (c, u) special file. Numbers may be octal (0…) and hexadecimal (0x…).',
  options: [['-m, --mode MODE', 'the mode, as chmod has it; else 0666 less the umask']], notes: ['Fifos (p) are not modelled: the file systems of the simulated machine refuse them.'], run,
};
export const mknod = defineProgram(MKNOD);

async function run(p: Process): Promise<number> {
  const parsed = parseOptions(p, 'm:Z', [required('mode', 'm')]);
  if (parsed === null) return 1;
  if (parsed.has('help')) {
    p.out(helpOf(MKNOD));
    return 0;
  }
  const text = parsed.value('m');
  const change = text === undefined ? null : parseMode(text);
  if (text !== undefined && change === null) return p.fail('invalid mode');
  const { operands } = parsed;
  const [name, type, major, minor] = operands;
  const fifo = type !== undefined && type.startsWith('p');
  const expected = fifo ? 2 : 4;
  const hint = fifo ? 'Fifos do not have major and minor device numbers.\n' : 'Special files require major and minor device numbers.\n';
  if (operands.length < expected) {
    const message = operands.length === 0 ? 'missing operand' : `missing operand after ${quote(operands.at(-1)!)}`;
    return wrongUse(p, operands.length === 2 ? `${message}\n${hint.trimEnd()}` : message);
  }
  if (operands.length > expected) return wrongUse(p, `extra operand ${quote(operands[expected]!)}${fifo && operands.length === 4 ? `\n${hint.trimEnd()}` : ''}`);
  if (fifo) return p.fail(`${quoteIfNeeded(name!)}: fifos are not modelled`);
  if (!/^[bcu]/.test(type!)) return wrongUse(p, `invalid device type ${quote(type!)}`);
  const numbers = [deviceNumber(major!), deviceNumber(minor!)] as const;
  if (numbers[0] === null) return p.fail(`invalid major device number ${quote(major!)}`);
  if (numbers[1] === null) return p.fail(`invalid minor device number ${quote(minor!)}`);
  const mode = change === null ? 0o666 & ~UMASK : change(0o666, false);
  const error = await attempt(() => p.box.files.mknod(p, name!, type!.startsWith('b') ? 'block' : 'character', mode, numbers as readonly [number, number]));
  return error === 0 ? 0 : p.fail(`${quoteIfNeeded(name!)}: ${p.strerror(error)}`);
}

function deviceNumber(text: string): number | null {
  if (/^0x[\da-f]+$/i.test(text)) return Number(text);
  if (/^0[0-7]*$/.test(text)) return parseInt(text, 8);
  return /^\d+$/.test(text) ? Number(text) : null;
}
