/** printf(3) of one floating-point number: %e, %f and %g with flags, width and precision. */

export interface FloatFormat {
  /** What stands around the directive. */
  readonly before: string;
  readonly behind: string;
  readonly flags: string;
  readonly width: number;
  readonly precision: number | null;
  readonly letter: 'e' | 'f' | 'g' | 'E' | 'F' | 'G';
}

/** long_double_format() of seq.c: a text with exactly one directive. A string says what is wrong. */
export function readFormat(format: string): FloatFormat | string {
  const found = /^((?:[^%]|%%)*)%([-+#0 ']*)(\d*)(?:\.(\d*))?L?(.?)([^]*)$/.exec(format);
  if (found === null) return `format '${format}' has no % directive`;
  const [, before = '', flags = '', width, precision, letter = '', behind = ''] = found;
  if (letter === '') return `format '${format}' ends in %`;
  if (!/^[efgEFG]$/.test(letter)) return `format '${format}' has unknown %${letter} directive`;
  if (/(?:^|[^%])(?:%%)*%(?!%)/.test(behind)) return `format '${format}' has too many % directives`;
  const plain = (text: string): string => text.replaceAll('%%', '%');
  return { before: plain(before), behind: plain(behind), flags, width: Number(width ?? 0), precision: precision === undefined ? null : Number(precision), letter: letter as 'e' };
}

export function formatFloat({ before, behind, flags, width, precision, letter }: FloatFormat, value: number): string {
  const digits = Math.min(100, precision ?? 6);
  const small = letter.toLowerCase();
  const size = Math.abs(value);
  let text = !Number.isFinite(value) ? (Number.isNaN(value) ? 'nan' : 'inf') : small === 'f' ? size.toFixed(digits) : small === 'e' ? exponential(size, digits) : general(size, digits, flags.includes('#'));
  if (letter !== small) text = text.toUpperCase();
  const sign = value < 0 || Object.is(value, -0) ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  if (flags.includes('-')) text = `${sign}${text}`.padEnd(width);
  else if (flags.includes('0') && Number.isFinite(value)) text = sign + text.padStart(width - sign.length, '0');
  else text = `${sign}${text}`.padStart(width);
  return before + text + behind;
}

/** Two digits of the exponent at least. */
const exponential = (size: number, digits: number): string => size.toExponential(digits).replace(/e([-+])(\d)$/, 'e$10$2');

/** %g: so many digits that count, without zeros at the end. */
function general(size: number, precision: number, keepZeros: boolean): string {
  const digits = precision === 0 ? 1 : precision;
  const exponent = size === 0 ? 0 : Number(size.toExponential(digits - 1).split('e')[1]);
  const text = exponent < -4 || exponent >= digits ? exponential(size, digits - 1) : size.toFixed(digits - 1 - exponent);
  return keepZeros || !text.includes('.') ? text : text.replace(/\.?0+(?=e|$)/, '');
}
