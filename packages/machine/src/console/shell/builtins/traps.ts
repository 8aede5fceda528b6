/** trap, and the end of a shell, where the EXIT trap runs. See ../rewrite.ts. */
import { SIG_DFL, SIG_IGN } from '@pmkit/mm-core/include/linux/signal';
import { DRIVER_HANDLER } from '@pmkit/mm-core';
import type { Command, ExecResult } from 'just-bash';
import { signalName, signalNumber, SIGNALS } from '../../signals.js';
import type { Shell } from '../shell.js';
import { rewrittenText } from '../text.js';
import { quote } from '../words.js';
import { builtin, said } from './builtin.js';

/** Names that are no signals of the kernel's: the shell's end, and what bash calls after commands, which never come here. */
const PSEUDO = /^(EXIT|ERR|DEBUG|RETURN)$/i;

/** `INT`, `SIGINT`, `2` → SIGINT, 2; `EXIT`, `0` → EXIT, 0. */
function signalOf(word: string): { readonly name: string; readonly number: number } | null {
  if (word === '0') return { name: 'EXIT', number: 0 };
  if (PSEUDO.test(word)) return { name: word.toUpperCase(), number: 0 };
  const number = signalNumber(word);
  const name = number === undefined ? undefined : signalName(number);
  return number === undefined || name === undefined ? null : { name: `SIG${name}`, number };
}

export function trapBuiltins(shell: Shell): Command[] {
  return [
    builtin(shell, 'trap', args => trap(shell, args)),
    // status
    builtin(shell, '__pmkit_exit', async ([status = '0'], ctx) => {
      if (shell.levels.length === 1) shell.ending = true;
      const isNumber = /^-?\d+$/.test(status);
      await ctx.assignShellVariable!('__PMKIT_STATUS', isNumber ? String(Number(status) & 0xff) : '2');
      await ctx.assignShellVariable!('__PMKIT_TRAP', withStatus(isNumber ? Number(status) & 0xff : 2, rewrittenText(shell.traps.takeExit(), shell.store)));
      return said(shell, 0, '', isNumber ? '' : `${shell.name}: exit: ${status}: numeric argument required\n`);
    }),
  ];
}

/** The text of a trap, which finds in `$?` what the shell ends with; errexit does not mind it. */
const withStatus = (status: number, text: string): string => (text === '' ? '' : `__pmkit_status ${status} && :\n${text}`);

/** trap [-lp] [[ARG] SIGNAL…] */
async function trap(shell: Shell, args: readonly string[]): Promise<ExecResult> {
  const [first] = args;
  if (first === '-l') return said(shell, 0, SIGNALS.map(([number, name]) => `${String(number).padStart(2)}) SIG${name}\n`).join(''));
  if (first === undefined || first === '-p') return said(shell, 0, listed(shell, args.slice(1)));
  const rest = first === '--' ? args.slice(1) : args;
  // One argument alone, or a number in front, means: back to the default.
  const resets = rest.length === 1 || rest[0] === '-' || /^\d+$/.test(rest[0]!);
  const words = rest.length === 1 || /^\d+$/.test(rest[0]!) ? rest : rest.slice(1);
  let stderr = '';
  for (const word of words) {
    const signal = signalOf(word);
    if (signal === null) stderr += `${shell.name}: trap: ${word}: invalid signal specification\n`;
    else await setTrap(shell, signal, resets ? null : rest[0]!);
  }
  return said(shell, stderr === '' ? 0 : 1, '', stderr);
}

async function setTrap(shell: Shell, { name, number }: { readonly name: string; readonly number: number }, text: string | null): Promise<void> {
  shell.traps.set(name, text);
  if (number === 0) return;
  const handler = text === null ? SIG_DFL : text === '' ? SIG_IGN : DRIVER_HANDLER;
  await shell.process.sys('rt_sigaction', number, { sa_handler: handler }, null, 8);
}

function listed(shell: Shell, words: readonly string[]): string {
  const wanted = words.map(word => signalOf(word)?.name);
  return [...shell.traps.all].filter(([name]) => words.length === 0 || wanted.includes(name)).map(([name, text]) => `trap -- ${quote(text)} ${name}\n`).join('');
}
