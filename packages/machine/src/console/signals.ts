/** Signals by name: the numbers of Linux on ia64 (include/asm-ia64/signal.h), which are those of most machines. */
const NAMES = [
  '', 'HUP', 'INT', 'QUIT', 'ILL', 'TRAP', 'ABRT', 'BUS', 'FPE', 'KILL', 'USR1', 'SEGV', 'USR2', 'PIPE', 'ALRM', 'TERM', 'STKFLT', 'CHLD', 'CONT', 'STOP', 'TSTP', 'TTIN', 'TTOU', 'URG',
  'XCPU', 'XFSZ', 'VTALRM', 'PROF', 'WINCH', 'IO', 'PWR', 'SYS',
] as const;
const OTHER_NAMES: Readonly<Record<string, number>> = { IOT: 6, CLD: 17, POLL: 29 };

/** Without SIG; undefined for a number that has no name. */
export const signalName = (number: number): string | undefined => NAMES[number] || undefined;

/** `TERM`, `SIGTERM`, `sigterm`, `15` → 15; undefined for what is no signal. */
export function signalNumber(word: string): number | undefined {
  if (/^\d+$/.test(word)) return Number(word) <= 64 ? Number(word) : undefined;
  const name = word.toUpperCase().replace(/^SIG/, '');
  const number = NAMES.indexOf(name as (typeof NAMES)[number]);
  return name !== '' && number > 0 ? number : OTHER_NAMES[name];
}

/** All that have names, ascending. */
export const SIGNALS: readonly (readonly [number: number, name: string])[] = NAMES.map((name, number) => [number, name] as const).slice(1);
