/**
 * seq, after seq.c of GNU coreutils 9.1. Decimal numbers are counted exactly, where GNU's counts in long double and corrects the last; those that are
 * hexadecimal, or have a format of their own that rounds, are doubles here.
 */
import type { Process } from '../../process.js';
import { quote, wrongUse } from '../files/common.js';
import { defineProgram, helpOf, none, parseOptions, required, type Definition, type Parsed } from '../system/define.js';
import { formatFloat, readFormat, type FloatFormat } from './float-format.js';
import { emit } from './input.js';

const SEQ: Definition = {
  path: '/usr/bin/seq', summary: 'print a sequence of numbers', synopsis: ['seq [OPTION]... LAST', 'seq [OPTION]... FIRST LAST', 'seq [OPTION]... FIRST INCREMENT LAST'], description: 'Prints numbers from FIRST to LAST, in steps of INCREMENT; both are 1 where they are not given.',
  options: [['-f, --format FORMAT', 'as printf has it, with one of %e, %f, %g'], ['-s, --separator TEXT', 'between numbers; default a newline'], ['-w, --equal-width', 'with zeros in front, all of one width']],
  run,
};
export const seq = defineProgram(SEQ);

/** `units` of 10**-precision. `precision`: digits behind the point as it was written; null for what is not written in decimals. `width`: of the text. */
interface Operand { readonly value: number; readonly units: bigint | null; readonly precision: number; readonly width: number; readonly text: string }

async function run(p: Process): Promise<number> {
  const { words, numbers } = split(p.argv);
  p.argv = words;
  const parsed = parseOptions(p, '+f:s:w', [none('equal-width', 'w'), required('format', 'f'), required('separator', 's')]);
  if (parsed === null) return 1;
  if (parsed.has('help')) {
    p.out(helpOf(SEQ));
    return 0;
  }
  const operands = [...parsed.operands, ...numbers];
  if (operands.length === 0) return wrongUse(p, 'missing operand');
  if (operands.length > 3) return wrongUse(p, `extra operand ${quote(operands[3]!)}`);
  const format = parsed.has('f') ? readFormat(parsed.value('f')!) : null;
  if (typeof format === 'string') return p.fail(format);
  if (format !== null && parsed.has('w')) return wrongUse(p, 'format string may not be specified when printing equal width strings');
  const read: Operand[] = [];
  for (const text of operands) {
    const operand = readOperand(text);
    if (typeof operand === 'string') return wrongUse(p, `invalid ${operand} argument: ${quote(text)}`);
    read.push(operand);
  }
  const last = read.at(-1)!;
  const first = read.length > 1 ? read[0]! : ONE;
  const step = read.length > 2 ? read[1]! : ONE;
  if (step.value === 0) return wrongUse(p, `invalid Zero increment value: ${quote(step.text)}`);
  const texts = format === null && isDecimal(first, step, last) ? exactly(first, step, last, parsed.has('w')) : roundly(first, step, last, format);
  await print(p, texts, parsed);
  return 0;
}

/** A minus with a digit or a point behind it is a number: there the options end. */
function split(argv: readonly string[]): { readonly words: readonly string[]; readonly numbers: readonly string[] } {
  let at = 1;
  for (; at < argv.length; at++) {
    const word = argv[at]!;
    if (word === '--' || !/^-[^\d.]/.test(word)) break;
    if (/^-[fs]$|^--(?:fo|s)[a-z]*$/.test(word)) at++;
  }
  const stop = argv[at] === '--' ? at + 1 : at;
  return { words: argv.slice(0, at), numbers: argv.slice(stop) };
}

/** scan_arg(). A text says in what way it is none. */
function readOperand(text: string): Operand | string {
  const trimmed = text.trimStart();
  if (/^[-+]?nan$/i.test(trimmed)) return "'not-a-number'";
  if (/^[-+]?inf(?:inity)?$/i.test(trimmed)) return { value: trimmed.startsWith('-') ? -Infinity : Infinity, units: null, precision: Infinity, width: 0, text };
  const hexadecimal = /^([-+]?)(0x[\da-f]+)$/i.exec(trimmed);
  if (hexadecimal !== null) return { value: (hexadecimal[1] === '-' ? -1 : 1) * Number(hexadecimal[2]), units: BigInt(hexadecimal[2]!) * (hexadecimal[1] === '-' ? -1n : 1n), precision: Infinity, width: 0, text };
  const decimal = /^([-+]?)(\d*)(?:(\.)(\d*))?(?:e([-+]?\d+))?$/i.exec(trimmed);
  if (decimal === null || (decimal[2] === '' && (decimal[4] ?? '') === '')) return 'floating point';
  const [, sign, whole = '', point, fraction = '', exponent] = decimal;
  const power = Number(exponent ?? 0);
  const precision = Math.max(0, fraction.length - power);
  const units = BigInt(`${whole}${fraction}` || '0') * 10n ** BigInt(Math.max(0, power - fraction.length));
  return { value: Number(trimmed), units: sign === '-' ? -units : units, precision, width: widthOf(trimmed.replace(/^\+/, ''), sign === '-' ? 1 : 0, whole, fraction, point !== undefined, power), text };
}
/** As wide as it would be without an exponent, a zero before the point and no point without digits behind it. */
function widthOf(text: string, sign: number, whole: string, fraction: string, point: boolean, power: number): number {
  if (power === 0) return text.replace(/e.*$/i, '').length + (point && fraction === '' ? -1 : 0) + (point && whole === '' ? 1 : 0);
  const before = Math.max(1, whole.length + power);
  const behind = Math.max(0, fraction.length - power);
  return sign + before + (behind > 0 ? behind + 1 : 0);
}
const ONE: Operand = { value: 1, units: 1n, precision: 0, width: 1, text: '1' };

/** Written in decimals, but that LAST may be infinite. */
const isDecimal = (first: Operand, step: Operand, last: Operand): boolean => first.precision < Infinity && step.precision < Infinity && (last.precision < Infinity || Math.abs(last.value) === Infinity);

/** How many numbers are made at once. */
const BATCH = 4096;

function* exactly(first: Operand, step: Operand, last: Operand, equalWidth: boolean): Generator<string[]> {
  const precision = Math.max(first.precision, step.precision);
  const scale = Math.max(precision, last.precision === Infinity ? 0 : last.precision);
  const scaled = ({ units, precision: own }: Operand): bigint => units! * 10n ** BigInt(scale - own);
  const by = scaled(step);
  const end = last.units === null ? null : scaled(last);
  const drop = 10n ** BigInt(scale - precision);
  const width = equalWidth ? equalWidthOf(first, last, precision) : 0;
  const text = (value: bigint): string => decimalText(value / drop, precision, width);
  let at = scaled(first);
  const goesOn = (): boolean => (end === null ? by > 0n === last.value > 0 : by > 0n ? at <= end : at >= end);
  while (goesOn()) {
    const batch: string[] = [];
    for (; batch.length < BATCH && goesOn(); at += by) batch.push(text(at));
    yield batch;
  }
}

/** get_default_format(): room for FIRST and LAST with as many digits behind the point as are printed. */
function equalWidthOf(first: Operand, last: Operand, precision: number): number {
  if (last.precision === Infinity) return 0;
  const grown = (operand: Operand): number => operand.width + (precision - operand.precision) + (operand.precision === 0 && precision > 0 ? 1 : 0) - (precision === 0 && operand.precision > 0 ? 1 : 0);
  return Math.max(grown(first), grown(last));
}

function decimalText(units: bigint, precision: number, width: number): string {
  const sign = units < 0n ? '-' : '';
  const digits = String(units < 0n ? -units : units).padStart(precision + 1, '0');
  const text = precision === 0 ? digits : `${digits.slice(0, -precision)}.${digits.slice(-precision)}`;
  return sign + text.padStart(width - sign.length, '0');
}

const GENERAL: FloatFormat = { before: '', flags: '', width: 0, precision: null, letter: 'g', behind: '' };

function* roundly(first: Operand, step: Operand, last: Operand, format: FloatFormat | null): Generator<string[]> {
  const decimal = isDecimal(first, step, last);
  const used = format ?? GENERAL;
  const precision = Math.max(first.precision, step.precision);
  // Multiples are rounded where the operands' decimals end: else 3 * 0.1 would be more than 0.3.
  const valueAt = (i: number): number => (decimal ? Number((first.value + i * step.value).toFixed(Math.min(100, precision))) : first.value + i * step.value);
  const goesOn = (i: number): boolean => (step.value > 0 ? valueAt(i) <= last.value : valueAt(i) >= last.value);
  for (let i = 0; goesOn(i); ) {
    const batch: string[] = [];
    for (; batch.length < BATCH && goesOn(i); i++) batch.push(formatFloat(used, valueAt(i)));
    yield batch;
  }
}

async function print(p: Process, batches: Iterable<string[]>, parsed: Parsed): Promise<void> {
  const separator = parsed.value('s') ?? '\n';
  let begun = false;
  for (const batch of batches) {
    await emit(p, (begun ? separator : '') + batch.join(separator));
    begun = true;
  }
  if (begun) await emit(p, '\n');
}
