/** Lengths of time as sleep(1) and timeout(1) read them: a number with a fraction, and s, m, h or d. */
const UNITS: Readonly<Record<string, number>> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** In ms of simulated time; Infinity for `inf`; null for what is none. */
export function duration(text: string): number | null {
  const match = /^\+?(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|inf(?:inity)?)([smhd]?)$/i.exec(text);
  if (match === null) return null;
  const [, number, unit] = match as unknown as [string, string, string];
  return (/^inf/i.test(number) ? Infinity : Number(number)) * UNITS[unit]!;
}

/** What is longer is for ever: 68 years of simulated time. */
const LONGEST = 2 ** 31 * 1000;

/** struct timespec for nanosleep(), rounded up to whole nanoseconds; for ever is a number of seconds that never ends. @param ms more than 0 */
export function timespec(ms: number): { readonly tv_sec: number; readonly tv_nsec: number } {
  if (ms > LONGEST) return { tv_sec: Infinity, tv_nsec: 0 };
  const nanoseconds = Math.ceil((ms % 1000) * 1e6);
  return { tv_sec: Math.floor(ms / 1000) + Math.floor(nanoseconds / 1e9), tv_nsec: nanoseconds % 1e9 };
}
