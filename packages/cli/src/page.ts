/** The user's pager, as a process. */
import { spawn } from 'node:child_process';
import process from 'node:process';

/** What shells answer when there is no such program. */
const NOT_FOUND = 127;

/**
 * Shows `text` in a pager, a command for the shell, and waits until it has ended. less leaves a text that fits on the screen there, keeps colours, and does not
 * clear the screen, unless LESS says otherwise. Where there is no such program the text is written as it is.
 */
export async function page(command: string, text: string, env: Readonly<Record<string, string | undefined>>): Promise<void> {
  const pager = spawn(command, { shell: true, stdio: ['pipe', 'inherit', 'inherit'], env: { LESS: 'FRX', LV: '-c', ...env } });
  // A pager that is left before it has read all is no error.
  pager.stdin.on('error', () => undefined);
  pager.stdin.end(text);
  // Ctrl-C is the pager's while it runs.
  const ignore = (): void => undefined;
  process.on('SIGINT', ignore);
  try {
    const code = await new Promise<number | null>((resolve) => {
      pager.on('error', () => { resolve(NOT_FOUND); });
      pager.on('close', resolve);
    });
    if (code === NOT_FOUND) process.stdout.write(text);
  } finally {
    process.off('SIGINT', ignore);
  }
}
