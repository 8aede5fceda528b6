/** Sizes as ls -h and df -h show them: human_readable() of gnulib, rounded up; and numbers with suffixes. */
const SUFFIXES = 'KMGTPE';

/** `1.5K`, `12M`. @param base 1024, or 1000 for --si */
export function human(bytes: number, base: 1024 | 1000 = 1024): string {
  if (bytes < base) return String(bytes);
  let value = bytes;
  let power = -1;
  while (value >= base && power < SUFFIXES.length - 1) {
    value /= base;
    power++;
  }
  const tenths = Math.ceil(value * 10 - 1e-9) / 10;
  const letter = base === 1000 && power === 0 ? 'k' : SUFFIXES[power]!;
  if (tenths < 10) return `${tenths.toFixed(1)}${letter}`;
  const whole = Math.ceil(value - 1e-9);
  return whole >= base && power < SUFFIXES.length - 1 ? `1.0${SUFFIXES[power + 1]!}` : `${whole}${letter}`;
}

/** xstrtol() with K, M, … (1024), KB, MB, … (1000) and KiB. @returns null for what is none. */
export function parseSize(text: string): number | null {
  const found = /^(\d*)(?:([kKmMgGtTPE])(B|iB)?)?$/.exec(text);
  if (found === null || text === '') return null;
  const [, digits = '', letter, kind] = found;
  if (digits === '' && letter === undefined) return null;
  const power = letter === undefined ? 0 : SUFFIXES.indexOf(letter.toUpperCase()) + 1;
  return (digits === '' ? 1 : Number(digits)) * (kind === 'B' ? 1000 : 1024) ** power;
}
